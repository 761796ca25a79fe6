/** From stored numbers to brightness: modality and VOI transformations (PS3.3 sections C.11.1 and C.11.2). */

import type { DataSet } from "./dicom";
import { type Table, tableOf } from "./table";

/** Stored value to the value that the modality means, and that to brightness. */
export interface Voi {
  modality(stored: number): number;
  /** 0 is black and 255 white; a straight ramp goes on beyond both. Missing where the file names none. */
  brightness: ((value: number) => number) | undefined;
  /** The windows that the file offers. */
  windows: Window[];
  /** Which of them `brightness` shows; none where a table decides, or the file says nothing. */
  shown: Window | undefined;
  /** The stored value that fills what was not imaged. */
  padding: number | undefined;
}

/** A range of values from black to white (PS3.3 section C.11.2.1.2). */
export interface Window {
  center: number;
  width: number;
  /** VOI LUT Function. */
  curve: string;
  /** What the file calls it. */
  name: string;
}

const SHARED_GROUPS = 0x52009229;
const FRAMES_GROUPS = 0x52009230;
const VALUE_TRANSFORMATION = 0x00289145;
const FRAME_VOI = 0x00289132;

/** The transformations of each frame: its own, those all frames share (PS3.3 section C.7.6.16), or the image's. */
export function voisOf(dataSet: DataSet, signed: boolean): (frame: number) => Voi {
  const own = dataSet.items(FRAMES_GROUPS);
  const shared = dataSet.item(SHARED_GROUPS);
  return (frame) => {
    const places = (macro: number) => [own[frame]?.item(macro), shared?.item(macro), dataSet].filter((set) => set !== undefined);
    const vois = places(FRAME_VOI);
    const modality = takesNoTable(dataSet) ? (stored: number) => stored : modalityOf(places(VALUE_TRANSFORMATION), signed);
    return {
      modality,
      // Where values may be negative, so is the first of a table (PS3.3 section C.11.2.1.1).
      ...shownBy(vois, signed || modality(0) < 0),
      windows: vois.map(windowsIn).find(({ length }) => length > 0) ?? [],
      padding: dataSet.short(0x00280120, signed),
    };
  };
}

/** X-ray angiography and fluoroscopy whose values are a logarithm already, or for display: the table leads back to what the
 * detector saw, and is not for looking (PS3.3 section C.8.7.1.1.2, PS3.4 section N.2.1.2). */
function takesNoTable(dataSet: DataSet): boolean {
  const isXray = ["1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"].includes(dataSet.string(0x00080016) ?? "");
  return isXray && dataSet.has(0x00283000) && ["LOG", "DISP"].includes(dataSet.string(0x00281040) ?? "");
}

function modalityOf(places: DataSet[], signed: boolean): (stored: number) => number {
  for (const place of places) {
    const lut = place.item(0x00283000);
    if (lut) return looker(tableOf(lut, lut.shorts(0x00283002, signed), 0x00283006));
    const slope = place.decimal(0x00281053);
    const intercept = place.decimal(0x00281052);
    if (slope !== undefined || intercept !== undefined) return (stored) => stored * (slope ?? 1) + (intercept ?? 0);
  }
  return (stored) => stored;
}

function shownBy(places: DataSet[], mayBeNegative: boolean): Pick<Voi, "brightness" | "shown"> {
  for (const place of places) {
    const lut = place.item(0x00283010);
    if (lut) {
      const table = tableOf(lut, lut.shorts(0x00283002, mayBeNegative), 0x00283006);
      const look = looker(table);
      const most = 2 ** table.bits - 1;
      return { brightness: (value) => (look(value) / most) * 255, shown: undefined };
    }
    const [shown] = windowsIn(place);
    if (shown) return { brightness: ramp(shown.center, shown.width, shown.curve), shown };
  }
  return { brightness: undefined, shown: undefined };
}

/** Those that are windows: some files have such as no value lies in. */
function windowsIn(place: DataSet): Window[] {
  const [centers, widths, names] = [place.decimals(0x00281050), place.decimals(0x00281051), place.strings(0x00281055)];
  const curve = place.string(0x00281056) ?? "LINEAR";
  return centers.flatMap((center, index) => {
    const width = widths[index] ?? 0;
    return width > 0 ? [{ center, width, curve, name: names[index] ?? "" }] : [];
  });
}

function looker({ first, values }: Table): (value: number) => number {
  const last = values.length - 1;
  return (value) => values[Math.min(Math.max(Math.round(value) - first, 0), last)] ?? 0;
}

/** The window's curve by VOI LUT Function (PS3.3 sections C.11.2.1.2 and C.11.2.1.3). */
export function ramp(center: number, width: number, curve: string): (value: number) => number {
  if (curve === "SIGMOID") return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  if (curve === "LINEAR_EXACT") return (value) => ((value - center) / Math.max(width, Number.MIN_VALUE) + 0.5) * 255;
  if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 255);
  return (value) => ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
}
