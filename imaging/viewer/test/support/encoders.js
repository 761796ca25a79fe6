// Compressed frames, made by the codecs whose decoders the page carries.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ENCODERS = {
  "1.2.840.10008.1.2.4.80": ["charls", "JpegLSEncoder", (encoder) => encoder.setNearLossless(0)],
  "1.2.840.10008.1.2.4.90": ["openjpeg", "J2KEncoder", (encoder) => encoder.setQuality(true, 1)],
  "1.2.840.10008.1.2.4.201": ["openjph", "HTJ2KEncoder", (encoder) => encoder.setQuality(true, 0)],
};

export const LOSSLESS = Object.keys(ENCODERS);

/** A frame of 16-bit numbers, compressed without loss. */
export async function compressed(syntax, { columns, rows, pixels }) {
  const [name, kind, without] = ENCODERS[syntax];
  const module = await require(`@cornerstonejs/codec-${name}/wasmjs`)({ print: () => undefined });
  const encoder = new module[kind]();
  encoder.getDecodedBuffer({ width: columns, height: rows, bitsPerSample: 16, componentCount: 1, isSigned: false, isUsingColorTransform: false }).set(pixels);
  without(encoder);
  encoder.encode();
  const frame = Buffer.from(encoder.getEncodedBuffer());
  encoder.delete();
  return frame;
}
