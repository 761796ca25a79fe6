/** The parts of a disc and the scripts that carry them: sections 1 and 2 of the disc's format. */

import type { Bytes } from "./bytes";

/** What can be wrong with a part. */
export type Fault = "missing" | "damaged" | "foreign";

export type Stream = "H" | "C" | "I" | "B";

export interface PartName {
  stream: Stream;
  /** From 0. */
  number: number;
}

/** A part that cannot be used. */
export class BadPart extends Error {
  constructor(
    readonly part: PartName,
    readonly fault: Fault,
    /** How many such parts there are, where that is known. */
    readonly of = 0,
  ) {
    super(`${nameOf(part)} is ${fault}`);
  }
}

/** What a part's file says of itself, and its content, still escaped, up to at least its suffix. */
export interface Carried {
  disc: string;
  name: string;
  escaped: Bytes;
}

/** Where parts come from. `undefined` is a missing file, `null` one that is no carrier. */
export interface Source {
  fetch(part: PartName): Promise<Carried | undefined | null>;
}

export function nameOf({ stream, number }: PartName): string {
  return `${stream}${String(number).padStart(7, "0")}`;
}

/** The content of a part: `measure` tells its length, which for the head stands in its beginning. */
export async function content(source: Source, part: PartName, disc: string | undefined, measure: (escaped: Bytes) => number): Promise<Bytes> {
  const carried = await source.fetch(part);
  if (carried === undefined) throw new BadPart(part, "missing");
  if (carried === null) throw new BadPart(part, "damaged");
  if (disc !== undefined && carried.disc !== disc) throw new BadPart(part, "foreign");
  const bytes = carried.name === nameOf(part) ? unescaped(carried.escaped, measure(carried.escaped), true) : undefined;
  if (!bytes) throw new BadPart(part, "damaged");
  return bytes;
}

const STAR = 0x2a;
const BACKSLASH = 0x5c;
const SUFFIX = [...new TextEncoder().encode("*/});")];

/** Takes `length` bytes out of escaped ones; nothing if there are fewer or, where asked, no suffix follows. */
export function unescaped(escaped: Bytes, length: number, toTheEnd = false): Bytes | undefined {
  const bytes = new Uint8Array(length);
  let from = 0;
  let to = 0;
  while (to < length) {
    const star = escaped.indexOf(STAR, from);
    const end = Math.min(star < 0 ? escaped.length : star + 1, from + length - to);
    if (end === from) return undefined;
    bytes.set(escaped.subarray(from, end), to);
    to += end - from;
    from = end;
    if (to < length && escaped[from - 1] === STAR && escaped[from] === BACKSLASH) from += 1;
  }
  return !toTheEnd || SUFFIX.every((byte, index) => escaped[from + index] === byte) ? bytes : undefined;
}
