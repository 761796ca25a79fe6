// Compressed frames, made by the codecs whose decoders the page carries.

import { readFileSync } from "node:fs";

const ENCODERS = {
  "1.2.840.10008.1.2.4.80": ["codec-charls/wasm", "JpegLSEncoder", (encoder) => encoder.setNearLossless(0)],
  "1.2.840.10008.1.2.4.90": ["codec-openjpeg/wasm", "J2KEncoder", (encoder) => encoder.setQuality(true, 1)],
  "1.2.840.10008.1.2.4.110": ["codec-libjxl/encodewasm", "JpegXLEncoder", (encoder) => encoder.setLossless(true)],
  "1.2.840.10008.1.2.4.201": ["codec-openjph/wasm", "HTJ2KEncoder", (encoder) => encoder.setQuality(true, 0)],
};

export const LOSSLESS = Object.keys(ENCODERS);

/** A frame of 16-bit numbers, compressed without loss. */
export async function compressed(syntax, { columns, rows, pixels }) {
  const [name, kind, without] = ENCODERS[syntax];
  const { default: factory } = await import(`@cornerstonejs/${name}js`);
  const wasmBinary = readFileSync(new URL(import.meta.resolve(`@cornerstonejs/${name}`)));
  const module = await factory({ wasmBinary, print: () => undefined });
  const encoder = new module[kind]();
  encoder.getDecodedBuffer({ width: columns, height: rows, bitsPerSample: 16, componentCount: 1, isSigned: false, isUsingColorTransform: false }).set(pixels);
  without(encoder);
  encoder.encode();
  const frame = Buffer.from(encoder.getEncodedBuffer());
  encoder.delete();
  return frame;
}

/** A JPEG of 12 bits whose blocks are flat, each of the next level (ITU-T T.81 annexes B and F.1). */
export function flatJpeg12({ rows, columns, levels, interval }) {
  const segment = (marker, bytes) => Buffer.from([0xff, marker, 0, bytes.length + 2, ...bytes]);
  // A step of 8 makes a coefficient a level. All 16 sizes of differences have codes of 5 bits; no block has anything else.
  const lengths = (length, count) => Array.from({ length: 16 }, (_, index) => (index + 1 === length ? count : 0));
  const parts = [
    Buffer.from([0xff, 0xd8]),
    segment(0xdb, [0, ...Array(64).fill(8)]),
    segment(0xc1, [12, 0, rows, 0, columns, 1, 1, 0x11, 0]),
    segment(0xc4, [0x00, ...lengths(5, 16), ...Array(16).keys(), 0x10, ...lengths(1, 1), 0]),
    segment(0xdd, [0, interval]),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
  ];
  const each = interval || levels.length;
  for (let from = 0; from < levels.length; from += each) {
    if (from > 0) parts.push(Buffer.from([0xff, 0xd0 + ((from / each - 1) % 8)]));
    parts.push(entropyCoded(levels.slice(from, from + each)));
  }
  return Buffer.concat([...parts, Buffer.from([0xff, 0xd9])]);
}

function entropyCoded(levels) {
  const written = (value, bits) => (bits ? value.toString(2).padStart(bits, "0") : "");
  const coded = levels.map((level, number) => {
    const difference = level - (levels[number - 1] ?? 2048);
    const size = Math.abs(difference).toString(2).length * Math.abs(Math.sign(difference));
    return `${written(size, 5)}${written(difference < 0 ? difference + 2 ** size - 1 : difference, size)}0`;
  });
  const bits = coded.join("");
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2));
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}
