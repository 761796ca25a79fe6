/** RLE Lossless frames: PS3.5 annex G. */

import type { Bytes } from "./bytes";
import { Malformed } from "./dicom";

const HEADER_BYTES = 64;

/** A frame's samples, one after another as a plane, each number of `width` bytes with its least byte first. */
export function unpackRle(frame: Uint8Array, pixels: number, samples: number, width: number): Bytes {
  if (frame.length < HEADER_BYTES) throw new Malformed("no whole RLE header");
  const header = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  const segments = samples * width;
  if (segments > 15 || header.getUint32(0, true) !== segments) throw new Malformed("RLE segments for other pixels");
  const starts = Array.from({ length: segments }, (_, number) => header.getUint32(4 + number * 4, true));
  const plain = new Uint8Array(pixels * segments);
  for (const [number, start] of starts.entries()) {
    // The most significant byte of a sample comes first.
    const sample = Math.floor(number / width);
    const place = sample * pixels * width + (width - 1 - (number % width));
    unpackSegment(frame.subarray(start, starts[number + 1] ?? frame.length), plain, place, width, pixels);
  }
  return plain;
}

/** Puts `count` bytes of a segment at every `step`th place from `place`. */
function unpackSegment(segment: Uint8Array, plain: Uint8Array, place: number, step: number, count: number): void {
  const end = place + count * step;
  for (let at = 0; place < end; ) {
    const control = segment[at++];
    if (control === undefined) throw new Malformed("an RLE segment is too short");
    if (control === 128) continue;
    const repeated = control > 128;
    const run = repeated ? 257 - control : control + 1;
    if (at + (repeated ? 1 : run) > segment.length) throw new Malformed("an RLE run is not whole");
    for (let of = 0; of < run && place < end; of++, place += step) plain[place] = segment[repeated ? at : at + of] ?? 0;
    at += repeated ? 1 : run;
  }
}
