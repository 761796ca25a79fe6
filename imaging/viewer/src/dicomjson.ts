/** DICOM JSON as a data set: PS3.18 annex F. It is written as Explicit VR Little Endian, which the page reads anyway. */

import { type Bytes, joined } from "./bytes";
import { type DataSet, dataSetOf, LONG } from "./dicom";

interface Attribute {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
}

/** Attributes by their tags, in eight hexadecimal digits. */
export type Header = Record<string, Attribute>;

const ITEM = 0xfffee000;
/** How a number of each representation is put. */
const NUMBERS: Record<string, [number, (view: DataView, value: number) => void]> = {
  US: [2, (view, value) => view.setUint16(0, value, true)],
  SS: [2, (view, value) => view.setInt16(0, value, true)],
  UL: [4, (view, value) => view.setUint32(0, value, true)],
  SL: [4, (view, value) => view.setInt32(0, value, true)],
  UV: [8, (view, value) => view.setBigUint64(0, BigInt(value), true)],
  SV: [8, (view, value) => view.setBigInt64(0, BigInt(value), true)],
  FL: [4, (view, value) => view.setFloat32(0, value, true)],
  FD: [8, (view, value) => view.setFloat64(0, value, true)],
  AT: [4, (view, value) => view.setUint32(0, ((value & 0xffff) << 16) | (value >>> 16), true)],
};

export function dataSetIn(header: Header): DataSet {
  return dataSetOf(written(header));
}

/** The first value of an attribute as a text; empty where there is none. */
export function textIn(header: Header, tag: string): string {
  const first = header[tag]?.Value?.[0];
  return typeof first === "object" ? nameIn(first) : String(first ?? "");
}

function written(header: Header): Bytes {
  const tags = Object.keys(header).filter((tag) => /^[0-9A-Fa-f]{8}$/.test(tag)).sort();
  return joined(tags.flatMap((tag) => element(parseInt(tag, 16), header[tag] ?? { vr: "UN" })));
}

function element(tag: number, attribute: Attribute): Bytes[] {
  const value = valueOf(attribute);
  const long = LONG.has(attribute.vr);
  const head = new DataView(new ArrayBuffer(long ? 12 : 8));
  putTag(head, tag);
  head.setUint8(4, attribute.vr.charCodeAt(0));
  head.setUint8(5, attribute.vr.charCodeAt(1));
  if (long) head.setUint32(8, value.length, true);
  else head.setUint16(6, value.length, true);
  return [new Uint8Array(head.buffer), value];
}

function putTag(view: DataView<ArrayBuffer>, tag: number): void {
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
}

function valueOf({ vr, Value, InlineBinary }: Attribute): Bytes {
  if (InlineBinary !== undefined) return Uint8Array.from(atob(InlineBinary), (character) => character.charCodeAt(0));
  const values = Value ?? [];
  if (vr === "SQ") return joined(values.flatMap((item) => itemOf(item as Header)));
  const number = NUMBERS[vr];
  if (number) return joined(values.map((value) => numberOf(vr === "AT" ? parseInt(String(value), 16) : Number(value), number)));
  const text = values.map((value) => (vr === "PN" ? nameIn(value) : String(value ?? ""))).join("\\");
  return even(new TextEncoder().encode(text), vr === "UI" ? 0 : 0x20);
}

function itemOf(item: Header): Bytes[] {
  const bytes = written(item);
  const head = new DataView(new ArrayBuffer(8));
  putTag(head, ITEM);
  head.setUint32(4, bytes.length, true);
  return [new Uint8Array(head.buffer), bytes];
}

function numberOf(value: number, [bytes, put]: [number, (view: DataView, value: number) => void]): Bytes {
  const view = new DataView(new ArrayBuffer(bytes));
  put(view, value);
  return new Uint8Array(view.buffer);
}

/** A person's name with its groups (PS3.18 section F.2.2). */
function nameIn(value: unknown): string {
  const { Alphabetic = "", Ideographic = "", Phonetic = "" } = (value ?? {}) as Record<string, string>;
  return [Alphabetic, Ideographic, Phonetic].join("=").replace(/=+$/, "");
}

function even(bytes: Uint8Array, filler: number): Bytes {
  const whole = new Uint8Array(bytes.length + (bytes.length % 2)).fill(filler);
  whole.set(bytes);
  return whole;
}
