/** Pixels of a data set as numbers and colors: PS3.3 sections C.7.6.3, C.11.1 and C.11.2. */

import type { DataSet, DicomFile } from "./dicom";
import type { Decode } from "./encodings";
import { DOUBLE_PIXEL_DATA, FLOAT_PIXEL_DATA, frameBits, type Layout, layoutOf, type Numbers, numbersIn, PIXEL_DATA, unpacked } from "./layout";
import { overlaysOf, type Plane } from "./overlays";
import { type FetchFrame, fetchedFrames, type Frames, NATIVE, packedFrames } from "./packed";
import { type Palette, paletteOf } from "./palette";
import { type Edges, edgesOf, framesInSpace } from "./orientation";
import { CannotShow } from "./reasons";
import { aspectOf, type Spacing, spacingOf } from "./spacing";
import { type Voi, voisOf } from "./voi";

export type { Numbers } from "./layout";
export { CannotShow, type Reason } from "./reasons";

/** A frame of one number a pixel, and how numbers become brightness. */
export interface Gray {
  kind: "gray";
  stored: Numbers;
  voi: Voi;
  /** The least and the most that few stored bits can say. Many bits are hardly ever used up. */
  range: [number, number] | undefined;
  /** MONOCHROME1: the least is white. */
  inverted: boolean;
}

/** A frame in color: red, green, blue and 255 of each pixel. */
export interface Color {
  kind: "color";
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

export type Frame = Gray | Color;

export interface Image {
  columns: number;
  rows: number;
  frames: number;
  /** Width of a pixel over its height. */
  aspect: number;
  /** A pixel's size in the body; none where the file does not say. */
  spacing: Spacing | undefined;
  /** Frames a second that the file asks for. */
  speed: number | undefined;
  /** Frames as they lie in the body, if the file says how: which one comes first, second… */
  inSpace: readonly number[];
  /** What it holds in memory. */
  bytes: number;
  /** The patient's sides that the edges of a frame look to. */
  edges(frame: number): Edges | undefined;
  frame(number: number): Promise<Frame>;
  /** What lies over a frame. */
  overlays(number: number): Plane[];
}

/** The image in a file, whose compressed frames `decode` decodes; refuses what this page cannot draw. Where the file is
 * only a header, `fetch` brings its frames. */
export function imageOf({ dataSet, transferSyntax }: DicomFile, decode: Decode, fetch?: FetchFrame): Image {
  const tag = [PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA].find((tag) => dataSet.has(tag));
  if (tag === undefined) throw new CannotShow("notAnImage");
  const layout = layoutOf(dataSet, tag);
  const { count, bytes, read } = fetch ? fetchedFrames(dataSet, tag, transferSyntax, layout, decode, fetch) : framesOf(dataSet, tag, transferSyntax, layout, decode);
  const palette = layout.photometric === "PALETTE COLOR" ? paletteOf(dataSet) : undefined;
  const vois = voisOf(dataSet, layout.signed);
  const range: [number, number] | undefined = layout.stored <= 8 && !layout.signed ? [0, 2 ** layout.stored - 1] : undefined;
  return {
    columns: layout.columns,
    rows: layout.rows,
    frames: count,
    aspect: aspectOf(dataSet),
    spacing: spacingOf(dataSet),
    speed: speedOf(dataSet),
    inSpace: framesInSpace(dataSet, count),
    bytes,
    edges: edgesOf(dataSet),
    async frame(number) {
      const { stored, layout: lies } = await read(number);
      if (palette) return colored(stored, palette);
      if (lies.samples === 3) return { kind: "color", rgba: rgbaOf(stored, lies) };
      return { kind: "gray", stored, voi: vois(number), range, inverted: layout.photometric === "MONOCHROME1" };
    },
    overlays: overlaysOf(dataSet, layout),
  };
}

function framesOf(dataSet: DataSet, tag: number, transferSyntax: string, layout: Layout, decode: Decode): Frames {
  if (dataSet.encapsulated(tag)) return packedFrames(dataSet, tag, transferSyntax, layout, decode);
  if (!NATIVE.has(transferSyntax)) throw new CannotShow("encoding");
  const pixels = dataSet.value(tag);
  if (!pixels) throw new CannotShow("cut");
  const read = readerOf(dataSet, tag, layout, pixels);
  return { count: framesIn(dataSet, layout, pixels), bytes: pixels.buffer.byteLength, read: async (number) => ({ stored: read(number), layout }) };
}

function framesIn(dataSet: DataSet, layout: Layout, pixels: Uint8Array): number {
  const claimed = Math.max(1, dataSet.decimal(0x00280008) ?? 1);
  const there = Math.floor((pixels.length * 8) / frameBits(layout));
  if (there < 1) throw new CannotShow("cut");
  return Math.min(claimed, there);
}

/** Recommended Display Frame Rate, Cine Rate, or by Frame Time in milliseconds (PS3.3 section C.7.6.5). */
function speedOf(dataSet: DataSet): number | undefined {
  const frameTime = dataSet.decimal(0x00181063);
  const speeds = [dataSet.decimal(0x00082144), dataSet.decimal(0x00180040), frameTime && 1000 / frameTime];
  return speeds.find((speed) => speed !== undefined && speed > 0);
}

/** Reads frames as plain numbers: in this machine's byte order, with nothing but the stored bits. */
function readerOf(dataSet: DataSet, tag: number, layout: Layout, pixels: Uint8Array): (frame: number) => Numbers {
  const bits = frameBits(layout);
  if (layout.allocated === 1) return (frame) => unpacked(pixels, frame * bits, bits);
  const bytes = bits / 8;
  const word = tag === PIXEL_DATA && dataSet.vr(tag) === "OW" && layout.allocated === 8 ? 2 : layout.allocated / 8;
  return (frame) => {
    const copy = dataSet.littleEndian ? pixels.slice(frame * bytes, (frame + 1) * bytes) : turned(pixels, frame * bytes, bytes, word);
    return numbersIn(copy, tag, layout);
  };
}

/** Big-endian words turned around. Eight-bit pixels may lie in words too (PS3.5 section 8.1.1). */
function turned(pixels: Uint8Array, from: number, bytes: number, word: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at++) {
    const offset = from + at;
    copy[at] = pixels[offset - (offset % word) + (word - 1 - (offset % word))] ?? 0;
  }
  return copy;
}

function colored(stored: Numbers, palette: Palette): Color {
  const rgba = new Uint8ClampedArray(stored.length * 4);
  const last = palette.red.length - 1;
  for (let at = 0; at < stored.length; at++) {
    const entry = Math.min(Math.max((stored[at] ?? 0) - palette.first, 0), last);
    rgba[at * 4] = palette.red[entry] ?? 0;
    rgba[at * 4 + 1] = palette.green[entry] ?? 0;
    rgba[at * 4 + 2] = palette.blue[entry] ?? 0;
    rgba[at * 4 + 3] = 255;
  }
  return { kind: "color", rgba };
}

function rgbaOf(stored: Numbers, layout: Layout): Uint8ClampedArray<ArrayBuffer> {
  const pixels = layout.columns * layout.rows;
  const rgba = new Uint8ClampedArray(pixels * 4);
  const shift = Math.max(0, layout.stored - 8);
  const place = placesOf(layout, pixels);
  const ybr = layout.photometric !== "RGB";
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = (stored[place(pixel, 0)] ?? 0) >>> shift;
    const second = (stored[place(pixel, 1)] ?? 0) >>> shift;
    const third = (stored[place(pixel, 2)] ?? 0) >>> shift;
    if (ybr) {
      putYbr(rgba, pixel * 4, first, second - 128, third - 128);
    } else {
      rgba[pixel * 4] = first;
      rgba[pixel * 4 + 1] = second;
      rgba[pixel * 4 + 2] = third;
    }
    rgba[pixel * 4 + 3] = 255;
  }
  return rgba;
}

/** Where a pixel's sample lies in its frame (PS3.3 section C.7.6.3.1.2 and C.7.6.3.1.3). */
function placesOf(layout: Layout, pixels: number): (pixel: number, sample: number) => number {
  if (layout.photometric === "YBR_FULL_422") {
    // Two of Y, then the Cb and Cr they share.
    return (pixel, sample) => (pixel >> 1) * 4 + (sample === 0 ? pixel & 1 : sample + 1);
  }
  return layout.planar ? (pixel, sample) => sample * pixels + pixel : (pixel, sample) => pixel * 3 + sample;
}

/** ITU-R BT.601 at full range, as PS3.3 section C.7.6.3.1.2 has it. */
function putYbr(rgba: Uint8ClampedArray, at: number, y: number, cb: number, cr: number): void {
  rgba[at] = Math.floor(y + 1.402 * cr + 0.5);
  rgba[at + 1] = Math.floor(y - ((0.114 * 1.772) / 0.587) * cb - ((0.299 * 1.402) / 0.587) * cr + 0.5);
  rgba[at + 2] = Math.floor(y + 1.772 * cb + 0.5);
}
