/** Frames out of an encapsulated value: PS3.5 annex A.4. */

import type { Bytes } from "./bytes";
import { type DataSet, type EncapsulatedItem, Malformed } from "./dicom";

const EXTENDED_OFFSETS = 0x7fe00001;

/** What a compressed frame begins with: JPEG and JPEG-LS, and JPEG 2000. */
const BEGINNINGS = [0xffd8ff, 0xff4fff];

/** The fragments of each frame, of which `count` are claimed. */
export function encapsulatedFrames(dataSet: DataSet, tag: number, count: number): Bytes[][] {
  const [table, ...fragments] = dataSet.encapsulatedItems(tag);
  if (!table || fragments.length === 0) throw new Malformed("no fragments");
  if (count === 1) return [fragments.map(({ bytes }) => bytes)];
  if (fragments.length === count) return fragments.map(({ bytes }) => [bytes]);
  const offsets = offsetsIn(dataSet.value(EXTENDED_OFFSETS), 8) ?? offsetsIn(table.bytes, 4) ?? beginnings(fragments);
  if (offsets.length === 0) throw new Malformed("nothing says where each frame begins");
  return grouped(fragments, offsets);
}

/** Where no table says it, a frame begins with the fragment that looks like its beginning. */
function beginnings(fragments: readonly EncapsulatedItem[]): number[] {
  const first = fragments[0]?.at ?? 0;
  const begins = ({ bytes }: EncapsulatedItem) => BEGINNINGS.includes(((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0));
  return fragments.filter(begins).map(({ at }) => at - first);
}

function offsetsIn(table: Uint8Array | undefined, width: 4 | 8): number[] | undefined {
  if (!table || table.length < width) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const offset = (at: number) => (width === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true)));
  return Array.from({ length: Math.floor(table.length / width) }, (_, number) => offset(number * width));
}

/** Offsets count from the first fragment, its item's tag included. */
function grouped(fragments: readonly EncapsulatedItem[], offsets: readonly number[]): Bytes[][] {
  const first = fragments[0]?.at ?? 0;
  const frames: Bytes[][] = offsets.map(() => []);
  let frame = 0;
  for (const { at, bytes } of fragments) {
    while (at - first >= (offsets[frame + 1] ?? Infinity)) frame += 1;
    frames[frame]?.push(bytes);
  }
  return frames;
}
