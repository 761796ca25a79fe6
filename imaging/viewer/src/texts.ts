/** The languages of the page: one typed catalog each, and how each writes numbers, dates and sizes. */

import { ar } from "./texts/ar";
import { en, type Texts } from "./texts/en";
import { es } from "./texts/es";
import { hmn } from "./texts/hmn";
import { so } from "./texts/so";

export interface Language {
  tag: string;
  /** The language's name in itself. */
  name: string;
  direction: "ltr" | "rtl";
  /** Whose numbers and month names are used: browsers know none in Hmong. */
  locale: string;
  /** Whether a professional has read the catalog. Where none has, warnings stand there in English too. */
  reviewed: boolean;
  texts: Texts;
}

export const ENGLISH: Language = { tag: "en", name: "English", direction: "ltr", locale: "en-US", reviewed: true, texts: en };

export const LANGUAGES: readonly Language[] = [
  ENGLISH,
  { tag: "es", name: "Español", direction: "ltr", locale: "es-US", reviewed: false, texts: es },
  { tag: "ar", name: "العربية", direction: "rtl", locale: "ar", reviewed: false, texts: ar },
  { tag: "so", name: "Soomaali", direction: "ltr", locale: "so", reviewed: false, texts: so },
  { tag: "hmn", name: "Hmoob", direction: "ltr", locale: "en-US", reviewed: false, texts: hmn },
];

/** The first of the reader's languages that the page has. Browsers name varieties of Hmong (`mww`, `hnj`) too. */
export function preferred(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split("-")[0] ?? "";
    const known = LANGUAGES.find((language) => language.tag === (["mww", "hnj"].includes(primary) ? "hmn" : primary));
    if (known) return known;
  }
  return ENGLISH;
}

export function count(language: Language, number: number): string {
  return new Intl.NumberFormat(language.locale).format(number);
}

/** A DICOM date (`YYYYMMDD`) in words; as it stands, if it is none. */
export function dateInWords(language: Language, date: string): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(date) ?? [];
  if (!year || !month || !day) return date;
  const moment = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // A month of 13, say, would be one of the next year; and years below 100 some of the last century.
  if (moment.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return date;
  return new Intl.DateTimeFormat(language.locale, { dateStyle: "long", timeZone: "UTC", calendar: "gregory" }).format(moment);
}

/** A DICOM time (`HHMMSS.FFFFFF`, which may end earlier) in words; as it stands, if it is none. */
export function timeInWords(language: Language, time: string): string {
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)?/.exec(time) ?? [];
  if (!hour || !minute) return time;
  const moment = new Date(Date.UTC(1970, 0, 1, Number(hour), Number(minute), Number(second ?? 0)));
  return new Intl.DateTimeFormat(language.locale, { timeStyle: second ? "medium" : "short", timeZone: "UTC" }).format(moment);
}

/** A DICOM date and time (PS3.5 section 6.2, DT) in words, with the zone that it names. */
export function momentInWords(language: Language, moment: string): string {
  const [, date, time, sign, zone] = /^(\d{8})(\d{4}[\d.]*)?(?:([+-])(\d{4}))?$/.exec(moment) ?? [];
  if (!date) return moment;
  const words = [dateInWords(language, date), ...(time ? [timeInWords(language, time)] : [])];
  return words.join(", ") + (sign && zone ? ` (UTC${sign}${zone.slice(0, 2)}:${zone.slice(2)})` : "");
}

/** Keeps what comes from a file together in a text of the other direction. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

export function size(language: Language, bytes: number): string {
  const [unit, divisor] = bytes < 1e9 ? ["megabyte", 1e6] : ["gigabyte", 1e9];
  const digits = { style: "unit", unit, maximumFractionDigits: bytes < 1e9 ? 0 : 1 } as const;
  return new Intl.NumberFormat(language.locale, digits).format(Math.max(bytes / divisor, bytes < 1e9 ? 1 : 0));
}

/** A measured length in millimetres, or an angle in degrees. */
export function measured(language: Language, kind: "length" | "angle", size: number): string {
  const unit = { length: { unit: "millimeter", maximumFractionDigits: 1 }, angle: { unit: "degree", unitDisplay: "narrow", maximumFractionDigits: 0 } } as const;
  return new Intl.NumberFormat(language.locale, { style: "unit", ...unit[kind] }).format(size);
}

/** A DICOM person name (PS3.5 section 6.2.1.1) as it is spoken: `Doe^Jane^M` is Jane M Doe. */
export function spokenName(name: string): string {
  const [family = "", given = "", middle = "", prefix = "", suffix = ""] = (name.split("=").find((group) => group.trim() !== "") ?? "").split("^");
  return [prefix, given, middle, family, suffix].map((part) => part.trim()).filter((part) => part !== "").join(" ");
}
