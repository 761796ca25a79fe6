/** Look-up tables as PS3.3 section C.11.1.1.1 describes them. */

import type { DataSet } from "./dicom";
import { CannotShow } from "./pixels";

export interface Table {
  /** The value that the first entry is for; smaller ones get it too. */
  first: number;
  values: Uint16Array;
  /** Bits of an entry. */
  bits: number;
}

/** A table by its descriptor (entries, first value, bits) and its data, plain or in segments. */
export function tableOf(dataSet: DataSet, descriptor: number[], data: number, segments?: number): Table {
  const [entries, first, bits] = descriptor;
  if (entries === undefined || first === undefined || bits === undefined || bits < 8 || bits > 16) throw new CannotShow("unusual");
  // The count is unsigned even where the descriptor is written as signed.
  const length = entries & 0xffff || 65536;
  const stored = dataSet.shorts(segments ?? data).map((value) => value & 0xffff);
  const words = segments === undefined ? stored : expanded(stored, length);
  // Entries of eight bits lie two in a word, or one in a word each.
  const packed = words.length < length && bits === 8;
  const bytes = dataSet.value(data);
  const values = packed && bytes ? Uint16Array.from(bytes.subarray(0, length)) : Uint16Array.from(words.slice(0, length));
  if (values.length === 0) throw new CannotShow("unusual");
  return { first, values, bits };
}

/** Segmented data: 0 is values as they are, 1 a line to a value, 2 earlier segments once more. */
function expanded(words: number[], length: number): number[] {
  const values: number[] = [];
  const word = (at: number) => words[at] ?? 0;
  const segment = (at: number): number => {
    const count = word(at + 1);
    if (word(at) === 0) {
      for (let index = 0; index < count && values.length < length; index++) values.push(word(at + 2 + index));
      return at + 2 + count;
    }
    const from = values.at(-1) ?? 0;
    for (let index = 1; index <= count && values.length < length; index++) values.push(Math.round(from + ((word(at + 2) - from) * index) / count));
    return at + 3;
  };
  for (let at = 0; at < words.length && values.length < length; ) {
    if (word(at) < 2) {
      at = segment(at);
      continue;
    }
    let back = (word(at + 2) + word(at + 3) * 65536) >> 1;
    for (let repeat = word(at + 1); repeat > 0 && values.length < length; repeat--) back = segment(back);
    at += 4;
  }
  return values;
}
