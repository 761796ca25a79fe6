/** The DICOMDIR of one study, out of that of a whole disc: PS3.3 annex F. It takes directories as they are on our discs: in
 * Explicit VR Little Endian, with records of definite length, each before those below it. */

import { type Bytes, joined } from "./bytes";
import { dataSetOf, Malformed } from "./dicom";

const FILE_SET_UID = 0x00020003;
const FIRST_ROOT = 0x00041200;
const LAST_ROOT = 0x00041202;
const RECORDS = 0x00041220;
const FILE = 0x00041500;
const NEXT = 0x00041400;
const LOWER = 0x00041420;
const ITEM = 0xfffee000;
/** Of a record: its head, and where in it the two offsets stand, behind their own heads. */
const ITEM_HEAD = 8;
const NEXT_AT = ITEM_HEAD + 8;
const LOWER_AT = NEXT_AT + 4 + 10 + 8;
const PREAMBLE = 132;

interface Record {
  start: number;
  end: number;
  type: string;
  study: string;
  /** The file it refers to, as a path; empty if to none. */
  file: string;
  /** Offsets from the file's first byte; 0 for none. */
  next: number;
  lower: number;
}

/** The directory of a study: its patient's record, its own, and all below it. `paths` are its files: several patients may
 * have studies of one UID. */
export function directoryOfStudy(dicomdir: Bytes, study: string, paths: ReadonlySet<string>): Bytes {
  const { begin, places } = prefaceOf(dicomdir);
  const records = recordsFrom(dicomdir, begin);
  const roots = rootsOf(records, new DataView(dicomdir.buffer, dicomdir.byteOffset).getUint32(places.first, true));
  const trees = records.flatMap((record, at) => (record.type === "STUDY" && record.study === study ? [treeAt(records, roots, at)] : []));
  const below = trees.find((tree) => tree.some(({ file }) => paths.has(file))) ?? [];
  const [own] = below;
  const patient = own && records.slice(0, records.indexOf(own)).findLast(({ type }) => type === "PATIENT");
  if (!own || !patient) throw new Malformed("no record of the study");
  const [preface, top] = [dicomdir.slice(0, begin), dicomdir.slice(patient.start, patient.end)];
  const subtree = dicomdir.slice(own.start, below.at(-1)?.end ?? own.end);
  put(preface, places.first, begin);
  put(preface, places.last, begin);
  put(preface, begin - 4, top.length + subtree.length);
  renamed(preface, places.uid);
  put(top, NEXT_AT, 0);
  put(top, LOWER_AT, begin + top.length);
  const moved = (offset: number) => (offset === 0 ? 0 : offset - own.start + begin + top.length);
  for (const record of below) {
    put(subtree, record.start - own.start + NEXT_AT, record === own ? 0 : moved(record.next));
    put(subtree, record.start - own.start + LOWER_AT, moved(record.lower));
  }
  return joined([preface, top, subtree]);
}

/** A study's record, and all below it. */
function treeAt(records: readonly Record[], roots: ReadonlySet<number>, at: number): Record[] {
  const after = records.findIndex(({ type, start }, index) => index > at && (type === "STUDY" || roots.has(start)));
  return records.slice(at, after < 0 ? records.length : after);
}

/** Where the records start that stand under no other: of patients, and of what belongs to none, as palettes. */
function rootsOf(records: readonly Record[], first: number): Set<number> {
  const nexts = new Map(records.map(({ start, next }) => [start, next]));
  const roots = new Set<number>();
  for (let at = first; at !== 0 && !roots.has(at); at = nexts.get(at) ?? 0) roots.add(at);
  return roots;
}

function put(bytes: Bytes, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
}

/** Where the records begin, and where the values stand that change with them. */
function prefaceOf(file: Bytes): { begin: number; places: { first: number; last: number; uid: [number, number] } } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found = new Map<number, [number, number]>();
  for (let at = PREAMBLE; at + 12 <= file.length; ) {
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
    const long = ["OB", "SQ"].includes(String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5)));
    const [start, length] = long ? [at + 12, view.getUint32(at + 8, true)] : [at + 8, view.getUint16(at + 6, true)];
    const [first, last, uid] = [FIRST_ROOT, LAST_ROOT, FILE_SET_UID].map((known) => found.get(known));
    if (tag === RECORDS && first && last && uid && start + length === file.length) return { begin: start, places: { first: first[0], last: last[0], uid } };
    found.set(tag, [start, start + length]);
    at = start + length;
  }
  throw new Malformed("no directory records");
}

function recordsFrom(file: Bytes, begin: number): Record[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tag = (at: number) => view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
  const records: Record[] = [];
  for (let at = begin; at < file.length; ) {
    const end = at + ITEM_HEAD + (at + ITEM_HEAD <= file.length ? view.getUint32(at + 4, true) : 0);
    const whole = end <= file.length && at + LOWER_AT + 4 <= end;
    if (!whole || tag(at) !== ITEM || tag(at + NEXT_AT - 8) !== NEXT || tag(at + LOWER_AT - 8) !== LOWER) throw new Malformed(`no directory record at ${at}`);
    const said = dataSetOf(file.subarray(at + ITEM_HEAD, end));
    const text = (tag: number) => said.string(tag) ?? "";
    records.push({ start: at, end, type: text(0x00041430), study: text(0x0020000d), file: said.strings(FILE).join("/"), next: view.getUint32(at + NEXT_AT, true), lower: view.getUint32(at + LOWER_AT, true) });
    at = end;
  }
  return records;
}

/** It is another file-set, so it has another UID: as long, and drawn at random (PS3.5 section B.2). */
function renamed(preface: Bytes, [start, end]: [number, number]): void {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(end - start)), (byte) => byte % 10);
  const uid = `2.25.1${digits.join("")}`;
  // What made it even stays.
  const length = preface[end - 1] === 0 ? end - 1 - start : end - start;
  for (let at = 0; at < length; at++) preface[start + at] = uid.charCodeAt(at);
}
