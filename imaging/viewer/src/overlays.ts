/** Overlay planes: PS3.3 sections C.9.2 and C.9.3, PS3.5 section 8.1.2. */

import type { DataSet } from "./dicom";
import { frameBits, type Layout, PIXEL_DATA, unpacked } from "./layout";

/** What lies over a frame: a bit for each of its pixels. */
export interface Plane {
  rows: number;
  columns: number;
  /** Where its first pixel lies over the frame, from 0; it may begin outside. */
  top: number;
  left: number;
  /** What it is called, in plain characters; often nothing. */
  label: string;
  /** 1 where it is drawn, row by row. */
  bits: Uint8Array;
}

/** Repeating groups: 6000, 6002 to 601E. */
const GROUPS = Array.from({ length: 16 }, (_, number) => 0x6000 + number * 2);
/** A plane of more pixels than this is none. */
const MOST_PIXELS = 2 ** 28;

/** A plane, of which a file says everything but its bits. */
interface Described extends Omit<Plane, "bits"> {
  element: (number: number) => number;
  /** Frames that it has itself, and the one of the image, from 0, that the first of them lies over. */
  frames: number;
  first: number;
  /** Without frames of its own, it lies over all of the image. */
  everywhere: boolean;
}

/** The planes over a frame of the image, its number from 0. */
export function overlaysOf(dataSet: DataSet, layout: Layout): (frame: number) => Plane[] {
  const all = GROUPS.flatMap((group) => described(dataSet, group));
  return (frame) => all.flatMap((plane) => planeOver(dataSet, layout, plane, frame));
}

/** Draws a plane in white over a frame's red, green, blue and 255, as far as it lies on it. */
export function drawPlane(rgba: Uint8ClampedArray, { columns, rows }: { columns: number; rows: number }, plane: Plane): void {
  for (let y = Math.max(0, -plane.top); y < Math.min(plane.rows, rows - plane.top); y++) {
    for (let x = Math.max(0, -plane.left); x < Math.min(plane.columns, columns - plane.left); x++) {
      const at = ((y + plane.top) * columns + x + plane.left) * 4;
      if (plane.bits[y * plane.columns + x]) rgba.fill(255, at, at + 3);
    }
  }
}

function described(dataSet: DataSet, group: number): Described[] {
  const element = (number: number) => group * 0x10000 + number;
  const [rows, columns] = [dataSet.short(element(0x0010)) ?? 0, dataSet.short(element(0x0011)) ?? 0];
  if (rows * columns === 0 || rows * columns > MOST_PIXELS) return [];
  const [top = 1, left = 1] = dataSet.shorts(element(0x0050), true);
  const frames = dataSet.decimal(element(0x0015));
  const label = dataSet.string(element(0x1500)) ?? "";
  const first = Math.max(1, dataSet.short(element(0x0051)) ?? 1) - 1;
  return [{ element, rows, columns, top: top - 1, left: left - 1, label, frames: frames ?? 1, first, everywhere: frames === undefined }];
}

function planeOver(dataSet: DataSet, layout: Layout, { element, frames, first, everywhere, ...plane }: Described, frame: number): Plane[] {
  const own = everywhere ? 0 : frame - first;
  if (own < 0 || own >= frames) return [];
  const count = plane.rows * plane.columns;
  const data = dataSet.value(element(0x3000));
  const bits = data ? bitsAt(dataSet, element(0x3000), data, own * count, count) : bitsInPixels(dataSet, layout, dataSet.short(element(0x0102)) ?? 0, frame, count);
  return bits ? [{ ...plane, bits }] : [];
}

/** One bit a pixel, one frame right after another; in big-endian words the bytes of each are swapped. */
function bitsAt(dataSet: DataSet, tag: number, data: Uint8Array, from: number, count: number): Uint8Array | undefined {
  if (from + count > data.length * 8) return undefined;
  return unpacked(dataSet.littleEndian || dataSet.vr(tag) !== "OW" ? data : data.map((_, at) => data[at ^ 1] ?? 0), from, count);
}

/** Files made before 2004 may have a plane in the bits of native pixels that these do not use. */
function bitsInPixels(dataSet: DataSet, layout: Layout, position: number, frame: number, count: number): Uint8Array | undefined {
  const { columns, rows, samples, stored, high, allocated } = layout;
  const pixels = dataSet.value(PIXEL_DATA);
  const free = position < allocated && (position > high || position <= high - stored);
  const begin = (frame * frameBits(layout)) / 8;
  if (!pixels || !free || samples !== 1 || allocated % 8 !== 0 || count !== columns * rows) return undefined;
  const width = allocated / 8;
  if (begin + count * width > pixels.length) return undefined;
  // The byte of each pixel that has the bit.
  const byte = dataSet.littleEndian ? position >> 3 : width - 1 - (position >> 3);
  return Uint8Array.from({ length: count }, (_, pixel) => ((pixels[begin + pixel * width + byte] ?? 0) >> (position & 7)) & 1);
}
