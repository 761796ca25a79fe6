/** Sums over bytes as they pass. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, hex } from "./bytes";

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** SHA-256, which WebCrypto only gives for what is in memory as a whole, and the CRC-32 of ZIP. */
export class Sums {
  private readonly hash = sha256.create();
  private remainder = 0xffffffff;
  bytes = 0;

  update(piece: Bytes): void {
    this.hash.update(piece);
    let remainder = this.remainder;
    for (let at = 0; at < piece.length; at++) {
      remainder = (TABLE[(remainder ^ (piece[at] ?? 0)) & 255] ?? 0) ^ (remainder >>> 8);
    }
    this.remainder = remainder;
    this.bytes += piece.length;
  }

  sha256(): string {
    return hex(this.hash.digest());
  }

  crc32(): number {
    return ~this.remainder >>> 0;
  }
}
