/** Structured reports and key object selections as trees of words: PS3.3 sections C.17.2 and C.17.3. */

import { type Charset, charsetOf, textOf } from "./charset";
import { meaningIn, unitIn } from "./codes";
import type { DataSet } from "./dicom";

/** What an item refers to. */
export interface Reference {
  kind: "image" | "waveform" | "other";
  uid: string;
  /** Numbers of frames from 1; none where the whole image is meant. */
  frames: number[];
}

export type Value =
  | { kind: "container" }
  | { kind: "text"; text: string }
  /** Times as DICOM writes them (PS3.5 section 6.2). */
  | { kind: "date" | "time" | "dateTime"; text: string }
  | { kind: "name"; text: string }
  | { kind: "number"; number: string; unit: string }
  | { kind: "references"; references: Reference[] }
  /** What marks a place in an image or a span of time, which only a drawing can show. */
  | { kind: "place" }
  /** Another item of this report, by the numbers of the items on the way to it. */
  | { kind: "item"; path: number[] }
  | { kind: "unknown" };

export interface Item {
  /** What the value is about. */
  concept: string;
  value: Value;
  items: Item[];
}

export interface Verifier {
  name: string;
  organization: string;
  /** A DICOM date and time. */
  when: string;
}

export interface Report {
  /** Nothing, where the report does not say. */
  completion: "complete" | "partial" | undefined;
  verification: "verified" | "unverified" | undefined;
  verifiers: Verifier[];
  /** The day that its content was made: `YYYYMMDD`. */
  date: string;
  /** The whole content; its concept is the report's title. */
  root: Item;
}

const CONTENT = 0x0040a730;

export function reportOf(dataSet: DataSet): Report {
  const charset = charsetOf(dataSet);
  return {
    completion: chosen(dataSet.string(0x0040a491), { COMPLETE: "complete", PARTIAL: "partial" }),
    verification: chosen(dataSet.string(0x0040a493), { VERIFIED: "verified", UNVERIFIED: "unverified" }),
    verifiers: dataSet.items(0x0040a073).map((observer) => verifierOf(observer, charsetOf(observer, charset))),
    date: dataSet.string(0x00080023) ?? "",
    root: itemOf(dataSet, charset),
  };
}

function chosen<Choice>(text: string | undefined, choices: Record<string, Choice>): Choice | undefined {
  return choices[text ?? ""];
}

function verifierOf(observer: DataSet, charset: Charset): Verifier {
  const text = (tag: number) => textOf(observer, tag, charset) ?? "";
  return { name: text(0x0040a075), organization: text(0x0040a027), when: text(0x0040a030) };
}

function itemOf(dataSet: DataSet, around: Charset): Item {
  const charset = charsetOf(dataSet, around);
  return {
    concept: meaningIn(dataSet, 0x0040a043, charset),
    value: valueOf(dataSet, charset),
    items: dataSet.items(CONTENT).map((item) => itemOf(item, charset)),
  };
}

/** PS3.3 table C.17.3-7: what each value type has. */
function valueOf(dataSet: DataSet, charset: Charset): Value {
  const text = (tag: number) => textOf(dataSet, tag, charset) ?? "";
  const path = pathOf(dataSet);
  if (path) return { kind: "item", path };
  switch (dataSet.string(0x0040a040)) {
    case "CONTAINER":
      return { kind: "container" };
    case "TEXT":
      return { kind: "text", text: text(0x0040a160) };
    case "CODE":
      return { kind: "text", text: meaningIn(dataSet, 0x0040a168, charset) };
    case "UIDREF":
      return { kind: "text", text: text(0x0040a124) };
    case "NUM":
      return numberOf(dataSet, charset);
    case "PNAME":
      return { kind: "name", text: text(0x0040a123) };
    case "DATE":
      return { kind: "date", text: text(0x0040a121) };
    case "TIME":
      return { kind: "time", text: text(0x0040a122) };
    case "DATETIME":
      return { kind: "dateTime", text: text(0x0040a120) };
    case "IMAGE":
      return referencesIn(dataSet, "image");
    case "WAVEFORM":
      return referencesIn(dataSet, "waveform");
    case "COMPOSITE":
      return referencesIn(dataSet, "other");
    case "SCOORD":
    case "SCOORD3D":
    case "TCOORD":
      return { kind: "place" };
    default:
      return { kind: "unknown" };
  }
}

/** An item may stand for another that is elsewhere in the tree (PS3.3 section C.17.3.2.5). */
function pathOf(dataSet: DataSet): number[] | undefined {
  const path = dataSet.longs(0x0040db73);
  return path.length > 0 ? path : undefined;
}

function numberOf(dataSet: DataSet, around: Charset): Value {
  const measured = dataSet.item(0x0040a300);
  if (!measured) return { kind: "text", text: meaningIn(dataSet, 0x0040a301, around) };
  const charset = charsetOf(measured, around);
  return { kind: "number", number: measured.string(0x0040a30a) ?? "", unit: unitIn(measured, 0x004008ea, charset) };
}

function referencesIn(dataSet: DataSet, kind: Reference["kind"]): Value {
  const references = dataSet.items(0x00081199).map((item) => ({ kind, uid: item.string(0x00081155) ?? "", frames: item.decimals(0x00081160) }));
  return { kind: "references", references };
}
