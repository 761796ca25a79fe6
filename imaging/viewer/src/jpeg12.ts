/**
 * JPEG of 12 bits: sequential, Huffman-coded, of one component (ITU-T T.81 process 4; PS3.5 section 8.2.1). It is ours
 * because the packages that there are decode 8 bits only, or are several gray levels off.
 */

import { BitReader, type Codes, codesOf } from "./bits";
import type { Bytes } from "./bytes";
import { Malformed } from "./dicom";
import type { Decoded } from "./encodings";
import { CannotShow } from "./reasons";

const PRECISION = 12;
const MOST = 2 ** PRECISION - 1;
const LEVEL_SHIFT = 2 ** (PRECISION - 1);

/** What of a stream's tables and headers is known (T.81 annex B). */
interface Known {
  quantization: Map<number, number[]>;
  /** By class (0: DC, 1: AC) and number, as one byte has them. */
  codes: Map<number, Codes>;
  /** Blocks from one restart to the next, or 0. */
  interval: number;
  shape?: { rows: number; columns: number; quantization: number };
}

/** Decodes a frame of one component; refuses others. */
export function decodeJpeg12(frame: Bytes): Decoded {
  const known: Known = { quantization: new Map(), codes: new Map(), interval: 0 };
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let at = 2; at + 4 <= frame.length; ) {
    if (view.getUint8(at) !== 0xff) throw new Malformed("no JPEG marker");
    const marker = view.getUint8(at + 1);
    // A marker may begin with any number of fill bytes.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (end > frame.length) throw new Malformed("a JPEG segment is not whole");
    const segment = new DataView(frame.buffer, frame.byteOffset + at + 4, Math.max(0, end - at - 4));
    if (marker === 0xda) return decodeScan(segment, frame.subarray(end), known);
    learn(marker, segment, known);
    at = end;
  }
  throw new Malformed("JPEG without a scan");
}

function learn(marker: number, segment: DataView, known: Known): void {
  if (marker === 0xdb) learnQuantization(segment, known);
  if (marker === 0xc4) learnCodes(segment, known);
  if (marker === 0xdd) known.interval = segment.getUint16(0);
  if (marker === 0xc0 || marker === 0xc1) {
    if (segment.getUint8(0) !== PRECISION || segment.getUint8(5) !== 1) throw new CannotShow("encoding");
    known.shape = { rows: segment.getUint16(1), columns: segment.getUint16(3), quantization: segment.getUint8(8) };
  }
}

/** T.81 section B.2.4.1: steps of 8 bits or of 16, in zigzag order. */
function learnQuantization(segment: DataView, known: Known): void {
  for (let at = 0; at < segment.byteLength; ) {
    const head = segment.getUint8(at);
    const width = head >> 4 ? 2 : 1;
    const step = (number: number) => (width === 2 ? segment.getUint16(at + 1 + number * 2) : segment.getUint8(at + 1 + number));
    known.quantization.set(head & 15, Array.from({ length: 64 }, (_, number) => step(number)));
    at += 1 + 64 * width;
  }
}

/** T.81 section B.2.4.2: how many codes there are of each length, and what they stand for. */
function learnCodes(segment: DataView, known: Known): void {
  for (let at = 0; at < segment.byteLength; ) {
    const counts = Array.from({ length: 16 }, (_, length) => segment.getUint8(at + 1 + length));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = Array.from({ length: total }, (_, number) => segment.getUint8(at + 17 + number));
    known.codes.set(segment.getUint8(at), codesOf(counts, symbols));
    at += 17 + total;
  }
}

/** T.81 sections A.2.2 and F.2: the blocks of the one component, row by row. */
function decodeScan(header: DataView, data: Bytes, { shape, quantization, codes, interval }: Known): Decoded {
  if (header.getUint8(0) !== 1) throw new CannotShow("encoding");
  const selected = header.getUint8(2);
  const [steps, dc, ac] = [quantization.get(shape?.quantization ?? 0), codes.get(selected >> 4), codes.get(16 | (selected & 15))];
  if (!shape || !shape.rows || !shape.columns || !steps || !dc || !ac) throw new Malformed("a JPEG scan without its tables");
  const { rows, columns } = shape;
  const [across, down] = [Math.ceil(columns / 8), Math.ceil(rows / 8)];
  const samples = new Uint16Array(rows * columns);
  const reader = new BitReader(data);
  const block = new Float64Array(64);
  let predicted = 0;
  for (let number = 0; number < across * down; number++) {
    if (interval && number && number % interval === 0) {
      reader.restart();
      predicted = 0;
    }
    block.fill(0);
    predicted += reader.signed(reader.symbol(dc));
    block[0] = predicted * (steps[0] ?? 0);
    readFrequencies(reader, ac, steps, block);
    put(transformed(block), samples, { rows, columns, top: Math.floor(number / across) * 8, left: (number % across) * 8 });
  }
  return { columns, rows, samples: 1, bits: PRECISION, rgb: false, bytes: new Uint8Array(samples.buffer) };
}

/** T.81 section F.2.2.2: runs of zeros, each with the coefficient after it. */
function readFrequencies(reader: BitReader, ac: Codes, steps: readonly number[], block: Float64Array): void {
  for (let at = 1; at < 64; at++) {
    const symbol = reader.symbol(ac);
    const [run, size] = [symbol >> 4, symbol & 15];
    if (size === 0 && run !== 15) return;
    at += run;
    if (at > 63) throw new Malformed("a JPEG block of more than 64 coefficients");
    block[ZIGZAG[at] ?? 0] = reader.signed(size) * (steps[at] ?? 0);
  }
}

/** T.81 figure A.6: where in a block the coefficients lie that come one after another, along its diagonals to and fro. */
const ZIGZAG = Array.from({ length: 64 }, (_, place) => place).sort((one, other) => diagonal(one) - diagonal(other) || (diagonal(one) % 2 ? one - other : other - one));

function diagonal(place: number): number {
  return (place >> 3) + (place & 7);
}

/** T.81 section A.3.3: what frequency `u` is worth at `x`, at `x * 8 + u`. */
const WAVES = Float64Array.from({ length: 64 }, (_, at) => (at & 7 ? 0.5 : Math.SQRT1_2 / 2) * Math.cos((((at >> 3) * 2 + 1) * (at & 7) * Math.PI) / 16));

/** The inverse transformation of a block, exact but for the last bits of a double: along its rows, then along its columns. */
function transformed(block: Float64Array): Float64Array {
  return alongRows(alongRows(block));
}

/** Transforms each row, and lays it down as a column. */
function alongRows(block: Float64Array): Float64Array {
  const turned = new Float64Array(64);
  for (let row = 0; row < 8; row++) {
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += (WAVES[x * 8 + u] ?? 0) * (block[row * 8 + u] ?? 0);
      turned[x * 8 + row] = sum;
    }
  }
  return turned;
}

/** Puts what of a block lies within the image. */
function put(block: Float64Array, samples: Uint16Array, { rows, columns, top, left }: { rows: number; columns: number; top: number; left: number }): void {
  const [height, width] = [Math.min(8, rows - top), Math.min(8, columns - left)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = Math.round((block[y * 8 + x] ?? 0) + LEVEL_SHIFT);
      samples[(top + y) * columns + left + x] = Math.min(Math.max(level, 0), MOST);
    }
  }
}
