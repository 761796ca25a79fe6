/** Which compressed frames this page decodes, and what decoding gives: known without the codecs, which are in workers. */

import type { Bytes } from "./bytes";

/** A frame as its decoder gives it: samples of a pixel beside each other, of 8 bits or of 16. */
export interface Decoded {
  columns: number;
  rows: number;
  samples: number;
  /** Bits of a sample in the compressed stream. */
  bits: number;
  /** Whether the decoder made red, green and blue of the colors. */
  rgb: boolean;
  bytes: Bytes;
}

/** Decodes a frame, whose bytes are given away. `rgb`: its colors were not transformed. */
export type Decode = (frame: Bytes, transferSyntax: string, rgb: boolean) => Promise<Decoded>;

const COMPRESSED = /^1\.2\.840\.10008\.1\.2\.4\.(5\d|6\d|70|8[01]|9[0-3]|11[0-2]|20[123])$/;

/** Whether frames of a transfer syntax are decoded (PS3.5 annex A.4). */
export function isDecoded(transferSyntax: string): boolean {
  return COMPRESSED.test(transferSyntax);
}
