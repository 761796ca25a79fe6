/** From stored numbers to brightness: modality and VOI transformations (PS3.3 sections C.11.1 and C.11.2). */

import type { DataSet } from "./dicom";
import { type Table, tableOf } from "./table";

/** Stored value to the value that the modality means, and that to brightness. */
export interface Voi {
  modality(stored: number): number;
  /** 0 is black and 255 white; a straight ramp goes on beyond both. Missing where the file names none. */
  brightness: ((value: number) => number) | undefined;
  /** The windows that the file offers. The first is what `brightness` shows, unless a table says otherwise. */
  windows: Window[];
  /** The stored value that fills what was not imaged. */
  padding: number | undefined;
}

/** A range of values from black to white (PS3.3 section C.11.2.1.2). */
export interface Window {
  center: number;
  width: number;
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
    return {
      modality: modalityOf(places(VALUE_TRANSFORMATION), signed),
      brightness: brightnessOf(vois),
      windows: vois.map(windowsIn).find(({ length }) => length > 0) ?? [],
      padding: dataSet.short(0x00280120, signed),
    };
  };
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

function brightnessOf(places: DataSet[]): ((value: number) => number) | undefined {
  for (const place of places) {
    const lut = place.item(0x00283010);
    if (lut) {
      const table = tableOf(lut, lut.shorts(0x00283002, true), 0x00283006);
      const look = looker(table);
      const most = 2 ** table.bits - 1;
      return (value) => (look(value) / most) * 255;
    }
    const center = place.decimal(0x00281050);
    const width = place.decimal(0x00281051);
    if (center !== undefined && width !== undefined) return ramp(center, width, place.string(0x00281056) ?? "LINEAR");
  }
  return undefined;
}

function windowsIn(place: DataSet): Window[] {
  const [centers, widths, names] = [place.decimals(0x00281050), place.decimals(0x00281051), place.strings(0x00281055)];
  return centers.flatMap((center, index) => (widths[index] === undefined ? [] : [{ center, width: widths[index], name: names[index] ?? "" }]));
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
