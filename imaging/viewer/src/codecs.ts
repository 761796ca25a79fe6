/** Decoders of compressed frames: WebAssembly that is unpacked when the first such frame comes. */

import charls from "@cornerstonejs/codec-charls/decodewasmjs";
import libjpeg from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import libjxl from "@cornerstonejs/codec-libjxl/decodewasmjs";
import openjpeg from "@cornerstonejs/codec-openjpeg/decodewasmjs";
import openjph from "@cornerstonejs/codec-openjph/wasmjs";
import { Decoder as LosslessDecoder } from "jpeg-lossless-decoder-js";
import charlsWasm from "wasm:@cornerstonejs/codec-charls/decodewasm";
import libjpegWasm from "wasm:@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm";
import libjxlWasm from "wasm:@cornerstonejs/codec-libjxl/decodewasm";
import openjpegWasm from "wasm:@cornerstonejs/codec-openjpeg/decodewasm";
import openjphWasm from "wasm:@cornerstonejs/codec-openjph/wasm";
import { type Bytes, joined } from "./bytes";
import { inflated, Malformed } from "./dicom";
import type { Decode, Decoded } from "./encodings";
import { decodeJpeg12 } from "./jpeg12";
import { CannotShow } from "./reasons";

type Codec = (frame: Bytes) => Promise<Decoded>;

const LARGEST_MODULE = 2 ** 22;

/** A codec's module, made once. */
function once(factory: EmscriptenFactory, packed: string): () => Promise<EmscriptenModule> {
  let module: Promise<EmscriptenModule> | undefined;
  const make = async () => {
    const deflated = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
    const wasmBinary = await inflated(deflated, LARGEST_MODULE);
    // Nothing is looked for beside these bytes, and what a codec prints is of no use to a reader of this page.
    return factory({ wasmBinary, locateFile: (name) => name, print: () => undefined, printErr: () => undefined });
  };
  return () => (module ??= make());
}

function decoder(module: () => Promise<EmscriptenModule>, named: "J2KDecoder" | "HTJ2KDecoder" | "JpegLSDecoder" | "JPEGDecoder" | "JpegXLDecoder"): Codec {
  return async (frame) => {
    const made = new (await module())[named]();
    try {
      made.getEncodedBuffer(frame.length).set(frame);
      made.decode();
      const { width, height, componentCount, bitsPerSample } = made.getFrameInfo();
      const bytes = new Uint8Array(made.getDecodedBuffer());
      return { columns: width, rows: height, samples: componentCount, bits: bitsPerSample, rgb: named === "JPEGDecoder" && componentCount === 3, bytes };
    } catch (error) {
      // What codecs throw is a number or a text of theirs.
      throw new Malformed(`a compressed frame cannot be decoded: ${error}`);
    } finally {
      made.delete();
    }
  };
}

/** This decoder misses a last pixel whose bits end right before the end's marker: it gets some more bits. */
const MORE_BITS = new Uint8Array(4);

async function lossless(frame: Bytes): Promise<Decoded> {
  const end = frame.lastIndexOf(0xd9) - 1;
  const eased = end > 0 ? joined([frame.subarray(0, end), MORE_BITS, frame.subarray(end)]) : frame;
  try {
    const decoder = new LosslessDecoder();
    const numbers = new Uint8Array(decoder.decompress(eased.buffer, 0, eased.length));
    const { dimX, dimY, numComp, precision } = decoder.frame;
    return { columns: dimX, rows: dimY, samples: numComp, bits: precision, rgb: false, bytes: numbers };
  } catch (error) {
    throw new Malformed(`a compressed frame cannot be decoded: ${error}`);
  }
}

const jpeg = decoder(once(libjpeg, libjpegWasm), "JPEGDecoder");
const jpegLs = decoder(once(charls, charlsWasm), "JpegLSDecoder");
const jpeg2000 = decoder(once(openjpeg, openjpegWasm), "J2KDecoder");
const htj2k = decoder(once(openjph, openjphWasm), "HTJ2KDecoder");
const jpegXl = decoder(once(libjxl, libjxlWasm), "JpegXLDecoder");

const HTJ2K = /^1\.2\.840\.10008\.1\.2\.4\.20[123]$/;
/** JPEG that became JPEG XL: whatever its colors were, they come as red, green and blue. */
const RECOMPRESSED_JPEG = "1.2.840.10008.1.2.4.111";

/** Decodes a frame by what it is: what the file says of it is wrong now and then. */
export const decode: Decode = async (frame, transferSyntax, rgb) => {
  const { process, precision, adobe, at } = streamOf(frame);
  if (process === "jpegxl") {
    const decoded = await jpegXl(frame);
    return { ...decoded, rgb: transferSyntax === RECOMPRESSED_JPEG && decoded.samples === 3 };
  }
  if (process === "jpeg2000") return HTJ2K.test(transferSyntax) ? htj2k(frame) : jpeg2000(frame);
  if (process === 0xf7) return jpegLs(frame);
  if (process === 0xc3) return lossless(frame);
  if (process <= 0xc1 && precision === 12) return decodeJpeg12(frame);
  if (precision !== 8 || process > 0xc2) throw new CannotShow("encoding");
  return jpeg(rgb && !adobe ? withAdobe(frame, at) : frame);
};

interface Stream {
  /** The low byte of the marker that begins the frame (ITU-T T.81 table B.1, T.87). */
  process: number | "jpeg2000" | "jpegxl";
  precision: number;
  /** Whether a marker of Adobe's says how colors were transformed. */
  adobe: boolean;
  /** Where the first marker after the beginning is. */
  at: number;
}

function streamOf(frame: Bytes): Stream {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const word = (at: number) => (at + 2 <= frame.length ? view.getUint16(at) : 0);
  // A bare codestream, or one in its container (ISO/IEC 18181-2).
  const isJpegXl = word(0) === 0xff0a || (word(4) === 0x4a58 && word(6) === 0x4c20);
  if (isJpegXl) return { process: "jpegxl", precision: 0, adobe: false, at: 0 };
  if (word(0) !== 0xffd8) return { process: "jpeg2000", precision: 0, adobe: false, at: 0 };
  let adobe = false;
  for (let at = 2; word(at) > 0xff00; at += 2 + word(at + 2)) {
    const marker = word(at) & 0xff;
    if (marker === 0xee && word(at + 4) === 0x4164) adobe = true;
    const begins = marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker));
    if (begins) return { process: marker, precision: frame[at + 4] ?? 0, adobe, at: 2 };
  }
  throw new Malformed("a compressed frame without a beginning");
}

/** Adobe's marker: the three components are colors as they are. */
const UNTRANSFORMED = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];

function withAdobe(frame: Bytes, at: number): Bytes {
  return joined([frame.subarray(0, at), Uint8Array.from(UNTRANSFORMED), frame.subarray(at)]);
}
