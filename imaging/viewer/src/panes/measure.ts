/** Lengths and angles on a picture, in its own pixels: they stay where they are when the picture is moved. */

import type { Spacing } from "../spacing";
import type { Point } from "./view";

/** Two points are a length, three an angle at the middle one. */
export interface Measurement {
  kind: "length" | "angle";
  /** Which picture of the series it lies on. */
  position: number;
  points: Point[];
}

export const POINTS = { length: 2, angle: 3 } as const;

/** Whether nothing is missing of it. */
export function isWhole({ kind, points }: Measurement): boolean {
  return points.length === POINTS[kind];
}

/** Millimetres from one point to another. */
export function lengthOf(from: Point, to: Point, { across, down }: Spacing): number {
  return Math.hypot((to.x - from.x) * across, (to.y - from.y) * down);
}

/** Degrees between the arms to two points, 0 to 180. */
export function angleOf(one: Point, corner: Point, other: Point, { across, down }: Spacing): number {
  const direction = ({ x, y }: Point) => Math.atan2((y - corner.y) * down, (x - corner.x) * across);
  const between = Math.abs(direction(one) - direction(other)) % (2 * Math.PI);
  return (Math.min(between, 2 * Math.PI - between) * 180) / Math.PI;
}

/** The number it comes to: millimetres, or degrees. */
export function sizeOf({ points }: Measurement, spacing: Spacing): number {
  const [first, second, third] = points;
  if (!first || !second) return 0;
  return third ? angleOf(first, second, third, spacing) : lengthOf(first, second, spacing);
}
