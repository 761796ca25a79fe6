/** The opening code as people type it: section 4 of the disc's format. */

/** What was typed, understood as far as it can be. */
export type Typed =
  | { kind: "whole"; normal: string }
  /** Neither six words nor thirty digits. */
  | { kind: "incomplete" }
  /** A group, from 1, whose check digit says that it is mistyped. */
  | { kind: "slip"; group: number };

/** The characters that count for digits: each row begins with a zero. */
const ZEROS = [0x0660, 0x06f0, 0xff10];

/** Damm's quasigroup. */
const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

/** Brings a typed code into its normal form. */
export function understand(typed: string): Typed {
  const plain = Array.from(typed, asciiDigit).join("").toLowerCase();
  const pieces = plain.split(/[^a-z0-9]+/).filter((piece) => piece !== "");
  if (/[a-z]/.test(plain)) {
    const words = pieces.length === 6 && pieces.every((piece) => /^[a-z]+$/.test(piece));
    return words ? { kind: "whole", normal: pieces.join("-") } : { kind: "incomplete" };
  }
  const groups = pieces.join("").match(/\d{1,5}/g) ?? [];
  const slip = groups.findIndex((group, index) => group.length === 5 && !isRight(group, index + 1));
  if (slip >= 0) return { kind: "slip", group: slip + 1 };
  if (groups.length !== 6 || groups[5]?.length !== 5) return { kind: "incomplete" };
  return { kind: "whole", normal: groups.join("-") };
}

function asciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const zero = ZEROS.find((zero) => code >= zero && code < zero + 10);
  return zero === undefined ? character : String(code - zero);
}

function isRight(group: string, number: number): boolean {
  let interim = number;
  for (const digit of group) interim = Number(DAMM[interim]?.[Number(digit)]);
  return interim === 0;
}
