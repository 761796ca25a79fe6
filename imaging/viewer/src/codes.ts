/** Coded entries in words: PS3.3 section 8. */

import { type Charset, charsetOf, textOf } from "./charset";
import type { DataSet } from "./dicom";

const CODE_VALUE = 0x00080100;
const CODING_SCHEME = 0x00080102;
const CODE_MEANING = 0x00080104;
const LONG_CODE_VALUE = 0x00080119;

/** The code in a sequence in words; the code itself, where there are none. */
export function meaningIn(dataSet: DataSet, sequence: number, around: Charset): string {
  const code = dataSet.item(sequence);
  if (!code) return "";
  const charset = charsetOf(code, around);
  return [CODE_MEANING, CODE_VALUE, LONG_CODE_VALUE].map((tag) => textOf(code, tag, charset)).find((text) => text) ?? "";
}

/** The code in a sequence as it is written. */
export function codeIn(dataSet: DataSet, sequence: number): string {
  return dataSet.item(sequence)?.string(CODE_VALUE) ?? "";
}

/** A unit as people write it: most of UCUM's codes are that, but those in brackets are not, and 1 is none. */
export function unitIn(dataSet: DataSet, sequence: number, around: Charset): string {
  const code = codeIn(dataSet, sequence);
  if (code === "1") return "";
  const plain = dataSet.item(sequence)?.string(CODING_SCHEME) === "UCUM" && !/[[{]/.test(code);
  return plain ? code : meaningIn(dataSet, sequence, around);
}
