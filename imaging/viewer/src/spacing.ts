/** How large pixels are in the body, where the file says so. */

import type { DataSet } from "./dicom";

/** Millimetres from a pixel to the next. */
export interface Spacing {
  across: number;
  down: number;
}

const SHARED_GROUPS = 0x52009229;
const FRAMES_GROUPS = 0x52009230;
const PIXEL_MEASURES = 0x00289110;
const PIXEL_SPACING = 0x00280030;
const CALIBRATION = 0x00280a02;
const IMAGER_SPACING = 0x00181164;
const PIXEL_ASPECT = 0x00280034;
const ULTRASOUND_REGIONS = 0x00186011;
/** Physical units of an ultrasound region: centimetres (PS3.3 section C.8.5.5.1.15). */
const CENTIMETRES = 3;

/**
 * Pixel Spacing, of the image or of all frames (PS3.3 sections 10.7 and C.7.6.16.2.1), or that of the one region of an
 * ultrasound image. What an X-ray detector measures is larger than the body, and no measure of it: sections 10.7.1.3 and
 * C.8.11.4.
 */
export function spacingOf(dataSet: DataSet): Spacing | undefined {
  const ofFrames = [dataSet.item(SHARED_GROUPS), ...dataSet.items(FRAMES_GROUPS)].flatMap((groups) => pairOf(groups?.item(PIXEL_MEASURES)?.decimals(PIXEL_SPACING)) ?? []);
  const [first] = ofFrames;
  if (first) return ofFrames.every((spacing) => isSame(spacing, first)) ? first : undefined;
  const spacing = pairOf(dataSet.decimals(PIXEL_SPACING));
  const imager = pairOf(dataSet.decimals(IMAGER_SPACING));
  const isOfDetector = spacing && imager && isSame(spacing, imager) && !dataSet.string(CALIBRATION);
  return (isOfDetector ? undefined : spacing) ?? ultrasoundSpacing(dataSet);
}

function isSame(one: Spacing, other: Spacing): boolean {
  return one.across === other.across && one.down === other.down;
}

/** Width of a pixel over its height. */
export function aspectOf(dataSet: DataSet): number {
  const { across, down } = spacingOf(dataSet) ?? pairOf(dataSet.decimals(IMAGER_SPACING)) ?? pairOf(dataSet.decimals(PIXEL_ASPECT)) ?? { across: 1, down: 1 };
  return across / down;
}

/** Two positive numbers, of which DICOM gives the vertical first. */
function pairOf(numbers: number[] | undefined): Spacing | undefined {
  const [down, across] = numbers ?? [];
  return down && across && down > 0 && across > 0 ? { across, down } : undefined;
}

function ultrasoundSpacing(dataSet: DataSet): Spacing | undefined {
  const regions = dataSet.items(ULTRASOUND_REGIONS);
  const [region] = regions;
  if (!region || regions.length > 1) return undefined;
  const isLength = region.short(0x00186024) === CENTIMETRES && region.short(0x00186026) === CENTIMETRES;
  const [across, down] = [region.doubles(0x0018602c)[0], region.doubles(0x0018602e)[0]].map((size) => Math.abs(size ?? 0) * 10);
  return isLength && across && down ? { across, down } : undefined;
}
