/** Ranges of values that show one kind of tissue well. */

import type { Frame } from "./pixels";
import type { Texts } from "./texts/en";
import type { Look } from "./tone";

export interface Preset {
  name: string;
  window: Look["window"];
}

/** Those of computed tomography, in Hounsfield units, as reading rooms have them. */
const CT = [
  { name: "softTissue", center: 40, width: 400 },
  { name: "lung", center: -600, width: 1500 },
  { name: "bone", center: 480, width: 2500 },
  { name: "brain", center: 40, width: 80 },
] as const;

/** What a reader may choose for a frame: the file's own windows, all values, and what its modality adds. */
export function presetsFor(frame: Frame, modality: string, texts: Texts): Preset[] {
  if (frame.kind === "color") return [];
  const { windows, shown } = frame.voi;
  const others = windows.slice(shown ? 1 : 0).map(({ center, width, curve, name }) => ({ name: name || `W ${width} L ${center}`, window: { center, width, curve } }));
  const usual = modality === "CT" ? CT.map(({ name, ...window }) => ({ name: texts.presets[name], window })) : [];
  return [{ name: texts.presets.asStored, window: undefined }, ...others, ...usual, { name: texts.presets.all, window: "all" }];
}

/** Whether a look shows this range. */
export function isChosen(preset: Preset, { window }: Look): boolean {
  if (typeof preset.window !== "object" || typeof window !== "object") return preset.window === window;
  return preset.window.center === window.center && preset.window.width === window.width;
}
