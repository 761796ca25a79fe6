/** Frames that are packed each for itself, as numbers: run lengths, deflated, or compressed by one of the codecs. */

import { type Bytes, joined } from "./bytes";
import { type DataSet, inflated, Malformed } from "./dicom";
import { encapsulatedFrames } from "./encapsulated";
import { type Decode, type Decoded, isDecoded } from "./encodings";
import { frameBits, type Layout, type Numbers, numbersIn, storedBits } from "./layout";
import { CannotShow } from "./reasons";
import { unpackRle } from "./rle";

/** Where the pixels are numbers in a row: in any byte order, deflated with the rest or not. */
export const NATIVE = new Set(["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"]);
const RLE = "1.2.840.10008.1.2.5";
const DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1";

/** A frame's numbers, and how they lie once they are unpacked. */
export interface Unpacked {
  stored: Numbers;
  layout: Layout;
}

/** Brings a frame by its number from 0. */
export type FetchFrame = (number: number) => Promise<Bytes>;

/** Frames as plain numbers. */
export interface Frames {
  count: number;
  /** What they hold in memory. */
  bytes: number;
  read(number: number): Promise<Unpacked>;
}

export function packedFrames(dataSet: DataSet, tag: number, transferSyntax: string, layout: Layout, decode: Decode): Frames {
  const unpack = unpackerOf(transferSyntax, layout, tag, decode);
  const frames = encapsulatedFrames(dataSet, tag, Math.max(1, dataSet.decimal(0x00280008) ?? 1));
  const bytes = frames.flat().reduce((sum, fragment) => sum + fragment.length, 0);
  return { count: frames.length, bytes, read: (number) => unpack(joined(frames[number] ?? [])) };
}

/** Whether single frames in a transfer syntax mean something without the rest of their file. */
export function isReadByFrame(transferSyntax: string): boolean {
  return NATIVE.has(transferSyntax) || transferSyntax === RLE || isDecoded(transferSyntax);
}

/** Frames that `fetch` brings one at a time, as they are kept; little-endian, where they are not packed. */
export function fetchedFrames(dataSet: DataSet, tag: number, transferSyntax: string, layout: Layout, decode: Decode, fetch: FetchFrame): Frames {
  if (layout.allocated === 1) throw new CannotShow("unusual");
  const unpack = NATIVE.has(transferSyntax) ? async (frame: Bytes) => plain(frame, layout, tag) : unpackerOf(transferSyntax, layout, tag, decode);
  const read = async (number: number) => unpack(await fetch(number));
  return { count: Math.max(1, dataSet.decimal(0x00280008) ?? 1), bytes: 0, read };
}

function unpackerOf(transferSyntax: string, layout: Layout, tag: number, decode: Decode): (frame: Bytes) => Promise<Unpacked> {
  if (isDecoded(transferSyntax)) return async (frame) => laid(await decode(frame, transferSyntax, layout.photometric === "RGB"), layout);
  if (transferSyntax === DEFLATED_FRAMES) return async (frame) => plain(await inflated(frame, Math.ceil(frameBits(layout) / 8) + 1), layout, tag);
  if (transferSyntax !== RLE) throw new CannotShow("encoding");
  const { columns, rows, samples, allocated, photometric } = layout;
  if (allocated < 8 || photometric === "YBR_FULL_422") throw new CannotShow("unusual");
  return async (frame) => plain(unpackRle(frame, columns * rows, samples, allocated / 8), { ...layout, planar: true }, tag);
}

function plain(frame: Bytes, layout: Layout, tag: number): Unpacked {
  if (frame.length * 8 < frameBits(layout)) throw new CannotShow("cut");
  return { stored: numbersIn(frame, tag, layout), layout };
}

function laid({ columns, rows, samples, bits, rgb, bytes }: Decoded, layout: Layout): Unpacked {
  if (columns !== layout.columns || rows !== layout.rows || samples !== layout.samples) throw new Malformed("a compressed frame of other pixels");
  const allocated = bits <= 8 ? 8 : 16;
  const length = (columns * rows * samples * allocated) / 8;
  if (bytes.length < length) throw new CannotShow("cut");
  const stored = Math.min(layout.stored, allocated);
  const photometric = rgb || ["YBR_ICT", "YBR_RCT", "XYB"].includes(layout.photometric) ? "RGB" : layout.photometric;
  const lies = { ...layout, allocated, stored, high: stored - 1, planar: false, photometric };
  return { stored: storedBits(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + length), lies), layout: lies };
}
