/** Texts by their Specific Character Set: PS3.5 section 6.1.2, PS3.3 section C.12.1.1.2. */

import type { DataSet } from "./dicom";

/** Makes characters of the bytes of a text. */
export type Charset = (bytes: Uint8Array) => string;

const SPECIFIC_CHARACTER_SET = 0x00080005;

/** One byte a character, as ISO/IEC 8859-1 has them: what browsers call by that name has other controls. */
const LATIN: Charset = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** The character sets of one byte a character, by the number in their defined term, as browsers name them. */
const SINGLE: Record<string, string> = {
  "13": "shift_jis",
  "101": "iso-8859-2",
  "109": "iso-8859-3",
  "110": "iso-8859-4",
  "126": "iso-8859-7",
  "127": "iso-8859-6",
  "138": "iso-8859-8",
  "144": "iso-8859-5",
  "148": "iso-8859-9",
  "166": "windows-874",
  "203": "iso-8859-15",
};

/** The character sets that a text may never leave (no ISO 2022). */
const WHOLE: Record<string, string> = { ISO_IR192: "utf-8", GB18030: "gb18030", GBK: "gbk" };

/** What may be called up within a text: into the lower half of the codes (G0), or into the upper (G1). */
interface CalledUp {
  half: "lower" | "upper";
  set: Charset;
}

const LOWER_SINGLE: CalledUp = { half: "lower", set: LATIN };
const KANJI = named("euc-jp");

/** Escape sequences without their first byte: PS3.3 tables C.12-3 and C.12-4. */
const ESCAPES: Record<string, CalledUp> = {
  "(B": LOWER_SINGLE,
  "(J": LOWER_SINGLE,
  ")I": { half: "upper", set: named("shift_jis") },
  "-A": { half: "upper", set: LATIN },
  "-B": { half: "upper", set: single("101") },
  "-C": { half: "upper", set: single("109") },
  "-D": { half: "upper", set: single("110") },
  "-F": { half: "upper", set: single("126") },
  "-G": { half: "upper", set: single("127") },
  "-H": { half: "upper", set: single("138") },
  "-L": { half: "upper", set: single("144") },
  "-M": { half: "upper", set: single("148") },
  "-T": { half: "upper", set: single("166") },
  "-b": { half: "upper", set: single("203") },
  "$B": { half: "lower", set: (bytes) => KANJI(bytes.map((byte) => byte | 0x80)) },
  // EUC-JP has JIS X 0212 behind a byte of its own.
  "$(D": { half: "lower", set: (bytes) => KANJI(Uint8Array.from(Array.from(bytes, (byte, at) => (at % 2 ? [byte | 0x80] : [0x8f, byte | 0x80])).flat())) },
  "$)C": { half: "upper", set: named("euc-kr") },
  "$)A": { half: "upper", set: named("gbk") },
};

const ESCAPE = 0x1b;
const SPACE = 0x20;

/** How the texts of a data set are written; of an item that does not say, as around it. An unknown term is read as Latin. */
export function charsetOf(dataSet: DataSet, around: Charset = LATIN): Charset {
  if (!dataSet.has(SPECIFIC_CHARACTER_SET)) return around;
  const terms = dataSet.strings(SPECIFIC_CHARACTER_SET).map((term) => term.replaceAll(" ", "").replaceAll("-", "_"));
  const first = terms[0] ?? "";
  const whole = WHOLE[first];
  if (whole) return named(whole);
  const upper = single(/IR_?(\d+)$/.exec(first)?.[1] ?? "");
  return (bytes) => (bytes.includes(ESCAPE) ? switched(bytes, upper) : upper(bytes));
}

/** A text element's text, without what pads it. */
export function textOf(dataSet: DataSet, tag: number, charset: Charset): string | undefined {
  const value = dataSet.value(tag);
  return value && (charset(value).replace(/[\0 ]+$/, "") || undefined);
}

function single(number: string): Charset {
  const label = SINGLE[number];
  return label ? named(label) : LATIN;
}

function named(label: string): Charset {
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

/** A text with escape sequences in it (PS3.5 section 6.1.2.5). */
function switched(bytes: Uint8Array, upperAtFirst: Charset): string {
  let sets = { lower: LATIN, upper: upperAtFirst };
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const called = bytes[at] === ESCAPE ? calledUp(bytes, at + 1) : undefined;
    if (called) {
      sets = { ...sets, [called.half]: called.set };
      at = called.end;
      continue;
    }
    const end = runEnd(bytes, at, sets.lower === LATIN);
    const run = bytes.subarray(at, end);
    const first = run[0] ?? 0;
    text += first >= 0x80 ? sets.upper(run) : first < SPACE ? LATIN(run) : sets.lower(run);
    // Each line, each value and each part of a name begins as the text did.
    if (resets(first, sets.lower === LATIN)) sets = { lower: LATIN, upper: upperAtFirst };
    at = end;
  }
  return text;
}

function calledUp(bytes: Uint8Array, at: number): (CalledUp & { end: number }) | undefined {
  for (const length of [2, 3]) {
    const called = ESCAPES[LATIN(bytes.subarray(at, at + length))];
    if (called) return { ...called, end: at + length };
  }
  return undefined;
}

/** Where the bytes of one half of the codes end; what may begin a text anew stands alone. */
function runEnd(bytes: Uint8Array, start: number, singles: boolean): number {
  const kind = kindOf(bytes[start] ?? 0, singles);
  let end = start + 1;
  while (kind !== "alone" && end < bytes.length && kindOf(bytes[end] ?? 0, singles) === kind) end += 1;
  return end;
}

function kindOf(byte: number, singles: boolean): "alone" | "lower" | "upper" {
  if (byte < SPACE || resets(byte, singles)) return "alone";
  return byte < 0x80 ? "lower" : "upper";
}

/** Line ends and tabs; backslash, caret and equals sign where they are no half of a character. */
function resets(byte: number, singles: boolean): boolean {
  return [0x09, 0x0a, 0x0c, 0x0d].includes(byte) || (singles && [0x3d, 0x5c, 0x5e].includes(byte));
}
