/** Palettes of PALETTE COLOR images: PS3.3 section C.7.6.3.1.5 and C.7.9.2 (segmented). */

import type { DataSet } from "./dicom";
import { tableOf } from "./table";

/** Eight bits of each color for the stored values from `first` on. */
export interface Palette {
  first: number;
  red: Uint8Array;
  green: Uint8Array;
  blue: Uint8Array;
}

const COLORS = [1, 2, 3] as const;

/** The data set's palette. */
export function paletteOf(dataSet: DataSet): Palette {
  const signed = dataSet.short(0x00280103) === 1;
  const [red, green, blue] = COLORS.map((color) => {
    const descriptor = dataSet.shorts(0x00281100 + color, signed);
    const plain = dataSet.has(0x00281200 + color);
    return tableOf(dataSet, descriptor, 0x00281200 + color, plain ? undefined : 0x00281220 + color);
  });
  if (!red || !green || !blue) throw new Error("three colors give three tables");
  return { first: red.first, red: eightBits(red), green: eightBits(green), blue: eightBits(blue) };
}

function eightBits({ values, bits }: { values: Uint16Array; bits: number }): Uint8Array {
  return Uint8Array.from(values, (value) => value >> (bits - 8));
}
