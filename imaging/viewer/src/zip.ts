/** ZIP archives (PKWARE APPNOTE 6.3) of files as they lie on the disc: deflated ones stay as they are. */

import type { Bytes } from "./bytes";

/** A member that was read to its end. */
export interface Member {
  path: string;
  deflated: boolean;
  crc32: number;
  bytes: number;
  placedBytes: number;
}

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
/** One more needs ZIP64, which the tools at hand on patients' computers stumble over. */
const MOST_MEMBERS = 65_534;
/** Deflate; names are plain ASCII, so no flag is needed. */
const VERSION = 20;
const utf8 = new TextEncoder();

/** What a member takes in an archive beside its bytes. */
export function overhead(path: string): number {
  return LOCAL_BYTES + CENTRAL_BYTES + 2 * path.length;
}

/** The date of all members: theirs is not known, and the same disc gives the same archive. `YYYY-MM-DD`. */
function dosDate(date: string): number {
  const [year = 1980, month = 1, day = 1] = date.split("-").map(Number);
  return (Math.max(0, year - 1980) << 9) | (month << 5) | day;
}

/** The part of a header that both kinds share, from "version needed" on. */
function shared(member: Member, date: string): number[] {
  const method = member.deflated ? 8 : 0;
  return [...u16(VERSION), ...u16(0), ...u16(method), ...u16(0), ...u16(dosDate(date)), ...u32(member.crc32), ...u32(member.placedBytes), ...u32(member.bytes), ...u16(member.path.length), ...u16(0)];
}

/** What goes before a member's bytes. */
export function localHeader(member: Member, date: string): Bytes {
  return new Uint8Array([...u32(0x04034b50), ...shared(member, date), ...utf8.encode(member.path)]);
}

/** What goes after all members. */
export function directory(members: readonly Member[], date: string): Bytes {
  let offset = 0;
  const central: number[] = [];
  for (const member of members) {
    central.push(...u32(0x02014b50), ...u16(VERSION), ...shared(member, date), ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(offset), ...utf8.encode(member.path));
    offset += LOCAL_BYTES + member.path.length + member.placedBytes;
  }
  const count = u16(members.length);
  return new Uint8Array([...central, ...u32(0x06054b50), ...u16(0), ...u16(0), ...count, ...count, ...u32(central.length), ...u32(offset), ...u16(0)]);
}

/** Splits files into as few archives as hold at most `most` bytes, and as many members as need no ZIP64. */
export function archives<File extends { path: string; bytes: number }>(files: readonly File[], most: number): File[][] {
  const split: File[][] = [];
  let room = 0;
  for (const file of files) {
    const takes = file.bytes + overhead(file.path);
    let last = split.at(-1);
    if (!last || takes > room || last.length === MOST_MEMBERS) {
      last = [];
      split.push(last);
      room = most - END_BYTES;
    }
    last.push(file);
    room -= takes;
  }
  return split;
}

function u16(value: number): number[] {
  return [value & 255, (value >>> 8) & 255];
}

function u32(value: number): number[] {
  return [...u16(value), ...u16(value >>> 16)];
}
