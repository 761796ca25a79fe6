/** Where a picture's sides lie in the patient, and where frames lie among each other: PS3.3 section C.7.6.2.1.1. */

import type { DataSet } from "./dicom";

type Vector = [number, number, number];

const SHARED_GROUPS = 0x52009229;
const FRAMES_GROUPS = 0x52009230;
const PLANE_ORIENTATION = 0x00209116;
const PLANE_POSITION = 0x00209113;
const IMAGE_ORIENTATION = 0x00200037;
const IMAGE_POSITION = 0x00200032;

/** What the patient's sides are called on images the world over: right, left, front, back, feet, head. */
const SIDES = ["R", "L", "A", "P", "F", "H"] as const;

/** The patient's sides that a picture's edges look to. */
export interface Edges {
  right: string;
  down: string;
}

/** Of each frame, if its file says how it lies. */
export function edgesOf(dataSet: DataSet): (frame: number) => Edges | undefined {
  const directions = directionsOf(dataSet);
  return (frame) => {
    const [row, column] = directions(frame) ?? [];
    return row && column && { right: sidesAlong(row), down: sidesAlong(column) };
  };
}

/** The opposite side. */
export function opposite(sides: string): string {
  return Array.from(sides, (side) => SIDES[(SIDES as readonly string[]).indexOf(side) ^ 1]).join("");
}

/** The frames in their order along the slices' normal; in the file's, where not all say where they are or two are in one place. */
export function framesInSpace(dataSet: DataSet, count: number): number[] {
  const asStored = Array.from({ length: count }, (_, frame) => frame);
  const own = dataSet.items(FRAMES_GROUPS);
  if (count < 2 || own.length < count) return asStored;
  const [row, column] = directionsOf(dataSet)(0) ?? [];
  const normal = row && column && crossed(row, column);
  const heights = own.slice(0, count).map((groups) => {
    const position = vectorOf(groups.item(PLANE_POSITION)?.decimals(IMAGE_POSITION));
    return position && normal ? along(position, normal) : Number.NaN;
  });
  if (heights.some(Number.isNaN) || new Set(heights.map((height) => height.toFixed(3))).size < count) return asStored;
  return asStored.sort((one, other) => (heights[one] ?? 0) - (heights[other] ?? 0));
}

/** Where rows and columns of each frame run to. */
function directionsOf(dataSet: DataSet): (frame: number) => [Vector, Vector] | undefined {
  const own = dataSet.items(FRAMES_GROUPS);
  const all = [dataSet.item(SHARED_GROUPS)?.item(PLANE_ORIENTATION), dataSet];
  return (frame) => {
    const places = [own[frame]?.item(PLANE_ORIENTATION), ...all];
    const cosines = places.map((place) => place?.decimals(IMAGE_ORIENTATION) ?? []).find(({ length }) => length === 6);
    const [row, column] = [vectorOf(cosines?.slice(0, 3)), vectorOf(cosines?.slice(3))];
    return row && column && [row, column];
  };
}

function vectorOf(numbers: number[] | undefined): Vector | undefined {
  return numbers?.length === 3 ? (numbers as Vector) : undefined;
}

/** A direction in letters, the nearest side first; what it hardly looks to is left out. */
function sidesAlong(direction: Vector): string {
  // Coordinates grow to the patient's left, back and head.
  const sides = direction.map((part, axis) => ({ size: Math.abs(part), side: SIDES[axis * 2 + (part > 0 ? 1 : 0)] ?? "" }));
  return sides.filter(({ size }) => size > 0.25).sort((one, other) => other.size - one.size).map(({ side }) => side).join("");
}

function crossed([x, y, z]: Vector, [u, v, w]: Vector): Vector {
  return [y * w - z * v, z * u - x * w, x * v - y * u];
}

function along(one: Vector, other: Vector): number {
  return one.reduce((sum, part, axis) => sum + part * (other[axis] ?? 0), 0);
}
