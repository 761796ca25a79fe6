/** Reading DICOM files: as much of PS3.5 and PS3.10 as it takes to find the pixels and what explains them. */

import { type Bytes, inflate, joined } from "./bytes";

/** The bytes are not what PS3.5 says they are. */
export class Malformed extends Error {}

interface Element {
  vr: string;
  start: number;
  /** End of the value; of one of undefined length, the end of its delimiter. */
  end: number;
  undefinedLength: boolean;
}

/** How the elements of a data set are written (PS3.5 section 7.1 and annex A). */
interface Writing {
  explicit: boolean;
  littleEndian: boolean;
}

const IMPLICIT = "1.2.840.10008.1.2";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";

const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_DATA = 0x7fe00010;
const UNDEFINED = 0xffffffff;
/** Representations whose length takes four bytes, after two that say nothing (PS3.5 section 7.1.2). */
export const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);

/** Deeper nesting than any real file has is refused before it exhausts the stack. */
const DEEPEST = 64;
/** What a deflated data set may grow to. */
const LARGEST = 2 ** 30;

/** An item of an encapsulated value. */
export interface EncapsulatedItem {
  /** Where it begins in the data set. */
  at: number;
  bytes: Bytes;
}

/** The elements of a file, an item or a functional group. */
export class DataSet {
  private readonly elements = new Map<number, Element>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Bytes,
    private readonly writing: Writing,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get littleEndian(): boolean {
    return this.writing.littleEndian;
  }

  has(tag: number): boolean {
    return this.elements.has(tag);
  }

  vr(tag: number): string | undefined {
    return this.elements.get(tag)?.vr;
  }

  /** The value's bytes; none where the element is missing, empty or encapsulated. */
  value(tag: number): Bytes | undefined {
    const element = this.elements.get(tag);
    if (!element || element.undefinedLength || element.end === element.start) return undefined;
    return this.bytes.subarray(element.start, element.end);
  }

  /** Whether the element holds fragments instead of a value (PS3.5 annex A.4). */
  encapsulated(tag: number): boolean {
    return this.elements.get(tag)?.undefinedLength ?? false;
  }

  /** The items of an encapsulated value, the offset table first, each with where it lies (PS3.5 annex A.4). */
  encapsulatedItems(tag: number): EncapsulatedItem[] {
    const { start, end } = this.elements.get(tag) ?? { start: 0, end: 0 };
    const items: EncapsulatedItem[] = [];
    for (let at = start; at < end; ) {
      const kind = this.tag(at, end);
      if (kind === SEQUENCE_END) break;
      const next = at + 8 + this.view.getUint32(at + 4, this.littleEndian);
      if (kind !== ITEM || next > end) throw new Malformed(`no whole fragment at ${at}`);
      items.push({ at, bytes: this.bytes.subarray(at + 8, next) });
      at = next;
    }
    return items;
  }

  /** The values of a text element in its plain characters. */
  strings(tag: number): string[] {
    const value = this.value(tag);
    if (!value) return [];
    return Array.from(value, (byte) => String.fromCharCode(byte)).join("").replace(/\0+$/, "").split("\\").map((part) => part.trim());
  }

  string(tag: number): string | undefined {
    return this.strings(tag)[0] || undefined;
  }

  /** The values of a DS or IS element that are numbers. */
  decimals(tag: number): number[] {
    return this.strings(tag).filter((text) => text !== "").map(Number).filter(Number.isFinite);
  }

  decimal(tag: number): number | undefined {
    return this.decimals(tag)[0];
  }

  /** The values of a US element; of a US or SS one, signed where the pixels are. */
  shorts(tag: number, signed = false): number[] {
    const element = this.elements.get(tag);
    if (!element) return [];
    const values: number[] = [];
    const negative = this.writing.explicit ? element.vr === "SS" : signed;
    for (let at = element.start; at + 2 <= element.end; at += 2) {
      values.push(negative ? this.view.getInt16(at, this.littleEndian) : this.view.getUint16(at, this.littleEndian));
    }
    return values;
  }

  short(tag: number, signed = false): number | undefined {
    return this.shorts(tag, signed)[0];
  }

  /** The values of a UL element. */
  longs(tag: number): number[] {
    const element = this.elements.get(tag);
    const values: number[] = [];
    for (let at = element?.start ?? 0; element && at + 4 <= element.end; at += 4) values.push(this.view.getUint32(at, this.littleEndian));
    return values;
  }

  /** The values of an FD element. */
  doubles(tag: number): number[] {
    const element = this.elements.get(tag);
    const values: number[] = [];
    for (let at = element?.start ?? 0; element && at + 8 <= element.end; at += 8) {
      values.push(this.view.getFloat64(at, this.littleEndian));
    }
    return values;
  }

  /** The items of a sequence. */
  items(tag: number): DataSet[] {
    const element = this.elements.get(tag);
    if (!element) return [];
    const writing = element.vr === "UN" ? { explicit: false, littleEndian: true } : this.writing;
    const inside = new DataSet(this.bytes, writing);
    const items: DataSet[] = [];
    inside.walkItems(element.start, element.end, 0, (item) => items.push(item));
    return items;
  }

  item(tag: number): DataSet | undefined {
    return this.items(tag)[0];
  }

  /** Reads elements from `at` and gives where they end: at `end`, or after an item's delimiter. */
  walk(at: number, end: number, depth = 0): number {
    if (depth > DEEPEST) throw new Malformed("nested too deeply");
    while (at < end) {
      const tag = this.tag(at, end);
      if (tag === ITEM_END) return at + 8;
      const { vr, start, length } = this.header(tag, at, end);
      if (length !== UNDEFINED) {
        if (start + length > end) throw new Malformed(`a value ends beyond its container at ${at}`);
        this.elements.set(tag, { vr, start, end: start + length, undefinedLength: false });
        at = start + length;
        continue;
      }
      if (tag === PIXEL_DATA) {
        at = this.fragmentsEnd(start, end);
        this.elements.set(tag, { vr, start, end: at, undefinedLength: true });
        continue;
      }
      const inside = vr === "UN" ? new DataSet(this.bytes, { explicit: false, littleEndian: true }) : this;
      at = inside.walkItems(start, end, depth + 1);
      this.elements.set(tag, { vr, start, end: at, undefinedLength: true });
    }
    return at;
  }

  /** Where an encapsulated value ends. One that is cut short ends with what there is. */
  private fragmentsEnd(at: number, end: number): number {
    while (at + 8 <= end && this.tag(at, end) === ITEM) at = Math.min(at + 8 + this.view.getUint32(at + 4, this.littleEndian), end);
    return Math.min(at + 8, end);
  }

  private walkItems(at: number, end: number, depth: number, found?: (item: DataSet) => void): number {
    while (at < end) {
      const tag = this.tag(at, end);
      const length = this.view.getUint32(at + 4, this.littleEndian);
      if (tag === SEQUENCE_END) return at + 8;
      if (tag !== ITEM) throw new Malformed(`no item where one should be, at ${at}`);
      const start = at + 8;
      const item = new DataSet(this.bytes, this.writing);
      if (length === UNDEFINED) {
        at = item.walk(start, end, depth + 1);
      } else {
        if (start + length > end) throw new Malformed(`an item ends beyond its sequence at ${at}`);
        at = start + length;
        if (found) item.walk(start, at, depth + 1);
      }
      found?.(item);
    }
    return at;
  }

  private tag(at: number, end: number): number {
    if (at + 8 > end) throw new Malformed(`cut short at ${at}`);
    return this.view.getUint16(at, this.littleEndian) * 0x10000 + this.view.getUint16(at + 2, this.littleEndian);
  }

  private header(tag: number, at: number, end: number): { vr: string; start: number; length: number } {
    if (!this.writing.explicit || tag >= ITEM) {
      return { vr: "", start: at + 8, length: this.view.getUint32(at + 4, this.littleEndian) };
    }
    const vr = String.fromCharCode(this.view.getUint8(at + 4), this.view.getUint8(at + 5));
    if (!LONG.has(vr)) return { vr, start: at + 8, length: this.view.getUint16(at + 6, this.littleEndian) };
    if (at + 12 > end) throw new Malformed(`cut short at ${at}`);
    return { vr, start: at + 12, length: this.view.getUint32(at + 8, this.littleEndian) };
  }
}

/** A data set in Explicit VR Little Endian. */
export function dataSetOf(bytes: Bytes): DataSet {
  const dataSet = new DataSet(bytes, { explicit: true, littleEndian: true });
  dataSet.walk(0, bytes.length);
  return dataSet;
}

/** A file's data set and its transfer syntax. */
export interface DicomFile {
  dataSet: DataSet;
  transferSyntax: string;
}

/** Reads a file of PS3.10: preamble, file meta information, data set. */
export async function readFile(bytes: Bytes): Promise<DicomFile> {
  const magic = String.fromCharCode(...bytes.subarray(128, 132));
  if (magic !== "DICM") throw new Malformed("not a DICOM file");
  const meta = new DataSet(bytes, { explicit: true, littleEndian: true });
  const start = metaEnd(bytes);
  meta.walk(132, start);
  const transferSyntax = meta.string(0x00020010);
  if (!transferSyntax) throw new Malformed("names no transfer syntax");
  const writing = { explicit: transferSyntax !== IMPLICIT, littleEndian: transferSyntax !== BIG_ENDIAN };
  const body = transferSyntax === DEFLATED ? await inflated(bytes.subarray(start), LARGEST) : bytes.subarray(start);
  const dataSet = new DataSet(body, writing);
  dataSet.walk(0, body.length);
  return { dataSet, transferSyntax };
}

/** Where group 0002 ends: by looking, since its length element may be missing or wrong. */
function metaEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 132;
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
    const long = LONG.has(vr);
    if (long && at + 12 > bytes.length) break;
    at += long ? 12 + view.getUint32(at + 8, true) : 8 + view.getUint16(at + 6, true);
  }
  return Math.min(at, bytes.length);
}

/** What may follow deflated data: the byte that makes its length even, gzip's trailer that some writers leave, or both. */
const FOLLOWING_BYTES = [0, 1, 8, 9];

/** Deflated data, inflated to at most so many bytes. Browsers refuse deflate data that something follows. */
export async function inflated(deflated: Bytes, most: number): Promise<Bytes> {
  for (const following of FOLLOWING_BYTES) {
    const whole = await collected(deflated.subarray(0, deflated.length - following), most).catch(unlessMalformed);
    if (whole) return whole;
  }
  throw new Malformed("its deflated data cannot be read");
}

/** What inflaters throw says only that this was not it. */
function unlessMalformed(error: unknown): undefined {
  if (error instanceof Malformed) throw error;
}

async function collected(deflated: Bytes, most: number): Promise<Bytes> {
  const pieces: Bytes[] = [];
  let length = 0;
  for await (const piece of inflate([deflated])) {
    length += piece.length;
    if (length > most) throw new Malformed("grows beyond all measure when inflated");
    pieces.push(piece);
  }
  return joined(pieces, length);
}
