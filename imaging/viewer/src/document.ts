/** Encapsulated documents: PS3.3 section C.24.2. */

import type { Bytes } from "./bytes";
import { charsetOf, textOf } from "./charset";
import type { DataSet } from "./dicom";
import { CannotShow } from "./reasons";

export interface Document {
  title: string;
  /** What it is a file of: an extension for its name. */
  extension: string;
  /** Whether browsers show it by themselves. */
  pdf: boolean;
  bytes: Bytes;
}

/** The usual extension of each type of document that PS3.3 sections A.45 and A.85 know. */
const EXTENSIONS: Record<string, string> = {
  "application/pdf": "pdf",
  "text/xml": "xml",
  "model/stl": "stl",
  "application/sla": "stl",
  "model/obj": "obj",
  "model/mtl": "mtl",
};

/** Before a PDF's own beginning may be other bytes (ISO 32000-1 annex H.3.4.1). */
const PDF_BEGINS_WITHIN = 1024;

export function documentOf(dataSet: DataSet): Document {
  const value = dataSet.value(0x00420011);
  if (!value) throw new CannotShow("cut");
  // Its length without what pads it, where the file says it.
  const length = Math.min(dataSet.longs(0x00420015)[0] ?? value.length, value.length);
  const bytes = value.slice(0, length);
  const type = (dataSet.string(0x00420012) ?? "").toLowerCase();
  const begins = String.fromCharCode(...bytes.subarray(0, PDF_BEGINS_WITHIN)).includes("%PDF-");
  return { title: textOf(dataSet, 0x00420010, charsetOf(dataSet)) ?? "", extension: EXTENSIONS[type] ?? "bin", pdf: type === "application/pdf" && begins, bytes };
}
