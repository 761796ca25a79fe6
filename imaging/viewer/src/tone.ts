/** From a frame to what a canvas shows. */

import type { Color, Frame, Gray, Image, Numbers } from "./pixels";
import { drawPlane, type Plane } from "./overlays";
import { ramp } from "./voi";

/** What the reader changed. */
export interface Look {
  /** Nothing at 0, up to 1 and down to -1. */
  brightness: number;
  contrast: number;
  /** Another range of values than the file's, or all of them. */
  window: { center: number; width: number; curve?: string } | "all" | undefined;
  /** Black is white. */
  inverted: boolean;
}

export const AS_STORED: Look = { brightness: 0, contrast: 0, window: undefined, inverted: false };

/** A look that stays within what the sliders have. */
export function clampedLook(look: Look): Look {
  const within = (value: number) => Math.min(Math.max(value, -1), 1);
  return { ...look, brightness: within(look.brightness), contrast: within(look.contrast) };
}

const MIDDLE = 127.5;

/** Red, green, blue and 255 of each pixel. */
export function toned(frame: Frame, look: Look): Uint8ClampedArray<ArrayBuffer> {
  return frame.kind === "gray" ? tonedGray(frame, look) : tonedColor(frame, look);
}

/** Puts a frame on a canvas, pixel by pixel. Its style gets the picture's width over its height as `--ratio`. */
export function paint(canvas: HTMLCanvasElement, image: Image, frame: Frame, look: Look, planes: readonly Plane[] = []): void {
  const rgba = toned(frame, look);
  for (const plane of planes) drawPlane(rgba, image, plane);
  const pixels = new ImageData(rgba, image.columns);
  canvas.width = image.columns;
  canvas.height = image.rows;
  canvas.style.setProperty("--ratio", String((image.columns * image.aspect) / image.rows));
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

/** How steep a contrast makes the ramp. */
function steepnessOf({ contrast }: Look): number {
  return 8 ** contrast;
}

/** The range of values that a look shows from black to white; none where a curve or a table decides. */
export function windowShown({ voi }: Gray, look: Look): { center: number; width: number } | undefined {
  const window = look.window ?? voi.shown;
  if (window === undefined || window === "all") return undefined;
  const width = window.width / steepnessOf(look);
  return { center: window.center - look.brightness * width, width };
}

/** A ramp is turned about its middle, so for a window this is another window. */
function changed(look: Look): (value: number) => number {
  const { brightness } = look;
  const steepness = steepnessOf(look);
  return (value) => (value - MIDDLE) * steepness + MIDDLE + 255 * brightness;
}

function tonedColor({ rgba }: Color, look: Look): Uint8ClampedArray<ArrayBuffer> {
  const change = changed(look);
  const table = Uint8ClampedArray.from({ length: 256 }, (_, value) => (look.inverted ? 255 - change(value) : change(value)));
  const shown = new Uint8ClampedArray(rgba.length);
  for (let at = 0; at < rgba.length; at++) shown[at] = at % 4 === 3 ? 255 : (table[rgba[at] ?? 0] ?? 0);
  return shown;
}

function tonedGray(gray: Gray, look: Look): Uint8ClampedArray<ArrayBuffer> {
  const { stored, voi } = gray;
  const brightness = brightnessOf(gray, look);
  const change = changed(look);
  const inverted = gray.inverted !== look.inverted;
  const tone = (value: number) => {
    const shown = change(brightness(voi.modality(value)));
    return inverted ? 255 - shown : shown;
  };
  const shades = stored.BYTES_PER_ELEMENT <= 2 ? byTable(stored, tone) : Uint8ClampedArray.from(stored as Float64Array, tone);
  const shown = new Uint8ClampedArray(stored.length * 4);
  const words = new Uint32Array(shown.buffer);
  // Four equal bytes and an opaque last one, in either byte order of the machine.
  for (let at = 0; at < words.length; at++) words[at] = GRAYS[shades[at] ?? 0] ?? 0;
  return shown;
}

const GRAYS = new Uint32Array(Uint8Array.from({ length: 1024 }, (_, at) => (at % 4 === 3 ? 255 : at >> 2)).buffer);

function brightnessOf(gray: Gray, { window }: Look): (value: number) => number {
  if (window === "all") return stretched(gray);
  if (window) return ramp(window.center, window.width, window.curve ?? "LINEAR");
  return gray.voi.brightness ?? stretched(gray);
}

/** Works out each value of up to 16 bits once. */
function byTable(stored: Numbers, tone: (value: number) => number): Uint8ClampedArray {
  const [least, most] = extremes(stored, undefined);
  const table = Uint8ClampedArray.from({ length: most - least + 1 }, (_, index) => tone(least + index));
  const shades = new Uint8ClampedArray(stored.length);
  for (let at = 0; at < stored.length; at++) shades[at] = table[(stored[at] ?? 0) - least] ?? 0;
  return shades;
}

/** Black to white over the range of the values, where the file does not say better. */
function stretched({ stored, voi, range }: Gray): (value: number) => number {
  const [least, most] = (range ?? extremes(stored, voi.padding)).map(voi.modality) as [number, number];
  const [low, high] = [Math.min(least, most), Math.max(least, most)];
  return (value) => ((value - low) / (high - low || 1)) * 255;
}

function extremes(stored: Numbers, padding: number | undefined): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of stored) {
    if (value === padding || !Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : [0, 0];
}
