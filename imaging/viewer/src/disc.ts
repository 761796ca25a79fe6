/** An opened disc: its files out of its parts, and what is known of the parts: sections 5 to 7 of the disc's format. */

import { type Bytes, inflate, joined } from "./bytes";
import { Cache } from "./cache";
import { type DicomFile, readFile } from "./dicom";
import type { Decode } from "./encodings";
import { type Head, type Keys, readHead, unlock } from "./head";
import type { Holding } from "./holding";
import { type Index, type Instance, readIndex, type StoredFile } from "./index";
import { BadPart, content, type Fault, nameOf, type PartName, type Source } from "./parts";
import { CannotShow, type Image, imageOf } from "./pixels";

/** A file that is looked at has to fit into memory more than once. */
const LARGEST = 2 ** 30;
const TAG_BYTES = 16;
/** What of the body stays unsealed in memory. */
const CACHE_BYTES = 24 * 1024 * 1024;
/** How long nobody has asked for anything before the check of all parts goes on. */
const QUIET_MS = 300;

/** Bytes that unsealed and yet are not the file that the index says. */
export class BadFile extends Error {}

/** A disc before the opening code. */
export class LockedDisc {
  private constructor(
    private readonly source: Source,
    private readonly head: Head,
  ) {}

  static async at(source: Source): Promise<LockedDisc> {
    return new LockedDisc(source, await readHead(source));
  }

  /** What people call the disc by: the beginning of its id. */
  get name(): string {
    return `${this.head.disc.slice(0, 4)}-${this.head.disc.slice(4, 8)}`.toUpperCase();
  }

  /** Whom to ask about the disc, a line each; nothing where it does not say. It stands in the clear, and may be anything. */
  contact(): Promise<string[]> {
    return contactOn(this.source, this.head);
  }

  /** Nothing, if the code is not this disc's. */
  async open(normalCode: string): Promise<Disc | undefined> {
    const keys = await unlock(this.head, normalCode);
    return keys && Disc.open(this.source, this.head, keys);
  }
}

export class Disc implements Holding {
  /** What is wrong, by the number of the body's part. */
  readonly faults = new Map<number, Fault>();
  /** Is called whenever a part was checked. */
  onChecked: () => void = () => undefined;

  private readonly checked = new Set<number>();
  private readonly parts = new Cache<number, Bytes>(CACHE_BYTES, (part) => part.length);
  private askedAt = 0;

  private constructor(
    private readonly source: Source,
    private readonly head: Head,
    private readonly key: CryptoKey,
    readonly index: Index,
  ) {}

  /** Reads the index, and the end of the body: a disc that was cut short is found out before it is looked at. */
  static async open(source: Source, head: Head, keys: Keys): Promise<Disc> {
    const count = Math.ceil(head.indexBytes / head.segmentBytes);
    const pieces: Bytes[] = [];
    for (let number = 0; number < count; number++) {
      const bytes = Math.min(head.segmentBytes, head.indexBytes - number * head.segmentBytes);
      pieces.push(await unseal(source, head, keys.index, { stream: "I", number }, bytes, number === count - 1));
    }
    const disc = new Disc(source, head, keys.body, await readIndex(joined(pieces), head));
    await disc.part(head.bodyParts - 1).catch(unlessBadPart);
    return disc;
  }

  /** Whom to ask about the disc, a line each. */
  contact(): Promise<string[]> {
    return contactOn(this.source, this.head);
  }

  get partCount(): number {
    return this.head.bodyParts;
  }

  get checkedCount(): number {
    return this.checked.size;
  }

  /** The files that lie in bad parts. */
  lostFiles(): Set<number> {
    const { segmentBytes } = this.head;
    const lost = new Set<number>();
    for (const [number, file] of this.index.files.entries()) {
      const last = Math.floor((file.offset + Math.max(file.bytes, 1) - 1) / segmentBytes);
      for (let part = Math.floor(file.offset / segmentBytes); part <= last; part++) {
        if (file.bytes > 0 && this.faults.has(part)) lost.add(number);
      }
    }
    return lost;
  }

  /** A file's bytes as they lie in the body. */
  async *placed(file: StoredFile): AsyncGenerator<Bytes> {
    const { segmentBytes } = this.head;
    const end = file.offset + file.bytes;
    for (let at = file.offset; at < end; ) {
      const number = Math.floor(at / segmentBytes);
      const part = await this.part(number);
      const begin = number * segmentBytes;
      const to = Math.min(end, begin + segmentBytes);
      yield part.subarray(at - begin, to - begin);
      at = to;
    }
  }

  /** A whole file, for looking at: every byte of it was unsealed, so none is made up. */
  async read(file: StoredFile): Promise<Bytes> {
    const pieces: Bytes[] = [];
    let length = 0;
    for await (const piece of contents(file, this.placed(file))) {
      pieces.push(piece);
      length += piece.length;
    }
    if (length !== file.source_bytes) throw new BadFile("shorter than the index says");
    return joined(pieces, length);
  }

  async file({ file }: Instance): Promise<DicomFile> {
    const stored = this.index.files[file];
    if (!stored) throw new CannotShow("notAnImage");
    if (stored.source_bytes > LARGEST) throw new CannotShow("tooLarge");
    return readFile(await this.read(stored));
  }

  async image(instance: Instance, decode: Decode): Promise<Image> {
    return imageOf(await this.file(instance), decode);
  }

  /** There is nothing on a disc that comes sooner. */
  preview(): undefined {
    return undefined;
  }

  /** Checks what nobody has looked at yet, whenever nobody is looking. */
  async checkAll(): Promise<void> {
    for (let number = 0; number < this.partCount; number++) {
      while (Date.now() - this.askedAt < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      if (!this.checked.has(number) && !this.parts.has(number)) await this.unsealed(number).catch(unlessBadPart);
    }
  }

  private part(number: number): Promise<Bytes> {
    this.askedAt = Date.now();
    return this.parts.get(number, () => this.unsealed(number));
  }

  private async unsealed(number: number): Promise<Bytes> {
    const last = number === this.head.bodyParts - 1;
    try {
      const bytes = await unseal(this.source, this.head, this.key, { stream: "B", number }, this.head.segmentBytes, last);
      this.faults.delete(number);
      return bytes;
    } catch (error) {
      if (!(error instanceof BadPart)) throw error;
      this.faults.set(number, error.fault);
      throw new BadPart(error.part, error.fault, this.partCount);
    } finally {
      this.checked.add(number);
      this.onChecked();
    }
  }
}

/** A file's own bytes out of the placed ones; refuses more than the index says. */
export async function* contents(file: StoredFile, placed: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  let length = 0;
  try {
    for await (const piece of file.method === "deflate" ? inflate(placed) : placed) {
      length += piece.length;
      if (length > file.source_bytes) throw new BadFile("longer than the index says");
      yield piece;
    }
  } catch (error) {
    // What inflaters throw.
    throw error instanceof TypeError ? new BadFile("not deflated") : error;
  }
}

async function contactOn(source: Source, { disc }: Head): Promise<string[]> {
  const length = (escaped: Bytes) => 2 + ((escaped[0] ?? 0) << 8) + (escaped[1] ?? 0);
  const told = await content(source, { stream: "C", number: 0 }, disc, length).catch(() => undefined);
  return told ? new TextDecoder().decode(told.subarray(2)).split("\n").filter((line) => line !== "") : [];
}

async function unseal(source: Source, head: Head, key: CryptoKey, part: PartName, bytes: number, last: boolean): Promise<Bytes> {
  const sealed = await content(source, part, head.disc, () => bytes + TAG_BYTES);
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(7, part.number);
  iv[11] = last ? 1 : 0;
  const additionalData = new Uint8Array([...head.digest, ...new TextEncoder().encode(nameOf(part))]);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed).catch(() => undefined);
  if (!plain) throw new BadPart(part, "damaged");
  return new Uint8Array(plain);
}

function unlessBadPart(error: unknown): void {
  if (!(error instanceof BadPart)) throw error;
}
