/** How pixels lie in their element, and single frames of them as numbers: PS3.3 section C.7.6.3, PS3.5 section 8. */

import type { Bytes } from "./bytes";
import type { DataSet } from "./dicom";
import { CannotShow } from "./reasons";

export const PIXEL_DATA = 0x7fe00010;
export const FLOAT_PIXEL_DATA = 0x7fe00008;
export const DOUBLE_PIXEL_DATA = 0x7fe00009;

export type Numbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** How the pixels lie in the value. */
export interface Layout {
  columns: number;
  rows: number;
  samples: number;
  allocated: number;
  stored: number;
  high: number;
  signed: boolean;
  planar: boolean;
  photometric: string;
}

/** The layout that a data set describes; refuses what this page cannot draw. */
export function layoutOf(dataSet: DataSet, tag: number): Layout {
  const allocated = tag === DOUBLE_PIXEL_DATA ? 64 : (dataSet.short(0x00280100) ?? 0);
  const layout = {
    columns: dataSet.short(0x00280011) ?? 0,
    rows: dataSet.short(0x00280010) ?? 0,
    samples: dataSet.short(0x00280002) ?? 1,
    allocated,
    stored: dataSet.short(0x00280101) ?? allocated,
    high: dataSet.short(0x00280102) ?? allocated - 1,
    signed: dataSet.short(0x00280103) === 1,
    planar: dataSet.short(0x00280006) === 1,
    photometric: dataSet.string(0x00280004) ?? "MONOCHROME2",
  };
  const float = tag !== PIXEL_DATA;
  const gray = ["MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"].includes(layout.photometric) && layout.samples === 1;
  const color = ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "XYB"].includes(layout.photometric) && layout.samples === 3;
  const bits = float ? allocated >= 32 : [1, 8, 16, 32].includes(allocated);
  if (!(gray || (color && !float && allocated > 1)) || !bits || !layout.columns || !layout.rows) throw new CannotShow("unusual");
  if (layout.stored < 1 || layout.high + 1 < layout.stored || layout.high >= allocated) throw new CannotShow("unusual");
  return layout;
}

/** Bits of one frame. */
export function frameBits({ columns, rows, samples, allocated, photometric }: Layout): number {
  const perPixel = photometric === "YBR_FULL_422" ? 2 : samples;
  return columns * rows * perPixel * allocated;
}

/** The numbers of one little-endian frame, which begin an array of their own. */
export function numbersIn(frame: Bytes, tag: number, layout: Layout): Numbers {
  const bits = frameBits(layout);
  if (layout.allocated === 1) return unpacked(frame, 0, bits);
  const buffer = frame.buffer.slice(frame.byteOffset, frame.byteOffset + bits / 8);
  if (tag === FLOAT_PIXEL_DATA) return new Float32Array(buffer);
  if (tag === DOUBLE_PIXEL_DATA) return new Float64Array(buffer);
  return storedBits(buffer, layout);
}

/** Pixels of one bit each. */
export function unpacked(pixels: Uint8Array, from: number, bits: number): Uint8Array {
  const values = new Uint8Array(bits);
  for (let at = 0; at < bits; at++) {
    const bit = from + at;
    values[at] = ((pixels[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
  return values;
}

/** The stored bits of each number, and nothing that lies beside them. */
export function storedBits(buffer: ArrayBuffer, { allocated, stored, high, signed }: Layout): Numbers {
  const values =
    allocated === 8
      ? new (signed ? Int8Array : Uint8Array)(buffer)
      : allocated === 16
        ? new (signed ? Int16Array : Uint16Array)(buffer)
        : new (signed ? Int32Array : Uint32Array)(buffer);
  if (stored === allocated) return values;
  // Up to the top of 32 bits, and down again: what lies beside the stored bits falls off.
  const up = 31 - high;
  const down = 32 - stored;
  for (let at = 0; at < values.length; at++) {
    const shifted = (values[at] ?? 0) << up;
    values[at] = signed ? shifted >> down : shifted >>> down;
  }
  return values;
}
