/** Bits and Huffman codes of a JPEG scan (ITU-T T.81 annexes C and F). */

import type { Bytes } from "./bytes";
import { Malformed } from "./dicom";

/** For each 16 bits that may come: the length of the code they begin with, above the symbol it stands for; 0 if there is none. */
export type Codes = Uint16Array;

/** `counts`: how many codes have 1, 2, … 16 bits. They are given out in order (T.81 section C.2). */
export function codesOf(counts: readonly number[], symbols: readonly number[]): Codes {
  const codes = new Uint16Array(2 ** 16);
  let from = 0;
  let next = 0;
  for (const [index, count] of counts.entries()) {
    const length = index + 1;
    for (let number = 0; number < count; number++) {
      const to = from + 2 ** (16 - length);
      if (to > codes.length) throw new Malformed("more Huffman codes than there can be");
      codes.fill((length << 8) | (symbols[next++] ?? 0), from, to);
      from = to;
    }
  }
  return codes;
}

export class BitReader {
  private at = 0;
  private bits = 0;
  /** How many of `bits` are still to come. */
  private count = 0;
  /** Bytes that were made up where there are no more. */
  private beyond = 0;

  constructor(private readonly data: Bytes) {}

  symbol(codes: Codes): number {
    const found = codes[this.peek(16)] ?? 0;
    if (found === 0) throw new Malformed("no Huffman code");
    this.skip(found >> 8);
    return found & 0xff;
  }

  /** A number of so many bits, whose first says its sign (T.81 section F.2.2.1). */
  signed(bits: number): number {
    if (bits === 0) return 0;
    if (bits > 15) throw new Malformed("a JPEG coefficient of more than 15 bits");
    const value = this.peek(bits);
    this.skip(bits);
    return value < 2 ** (bits - 1) ? value - 2 ** bits + 1 : value;
  }

  /** Goes on after the restart marker that is next. */
  restart(): void {
    while (this.data[this.at] === 0xff && this.data[this.at + 1] === 0xff) this.at += 1;
    const marker = this.data[this.at] === 0xff ? (this.data[this.at + 1] ?? 0) : 0;
    if (marker < 0xd0 || marker > 0xd7) throw new Malformed("no JPEG restart marker");
    this.at += 2;
    this.count = 0;
    this.beyond = 0;
  }

  private peek(bits: number): number {
    while (this.count < bits) {
      this.bits = (this.bits << 8) | this.byte();
      this.count += 8;
    }
    return (this.bits >>> (this.count - bits)) & (2 ** bits - 1);
  }

  private skip(bits: number): void {
    this.count -= bits;
    if (this.beyond * 8 > this.count) throw new Malformed("a JPEG scan is too short");
  }

  /** The next byte, up to a marker: a byte of 255 that is none has a 0 after it. */
  private byte(): number {
    const byte = this.data[this.at];
    if (byte === undefined || (byte === 0xff && this.data[this.at + 1] !== 0)) {
      this.beyond += 1;
      return 0;
    }
    this.at += byte === 0xff ? 2 : 1;
    return byte;
  }
}
