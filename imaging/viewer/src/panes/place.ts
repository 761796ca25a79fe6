/** Where a reader is in a series, and how it looks. It outlives a change of language. */

import type { Instance, Series } from "../index";
import { AS_STORED, type Look } from "../tone";
import type { Measurement } from "./measure";
import { type View, WHOLE } from "./view";

export interface Place {
  series: Series;
  /** Among all frames of all instances, from 0. */
  position: number;
  /** Whether the position counts an instance's frames as its file has them: one of an address does, until the image is
   * there and tells how they lie in the body. */
  isAsStored: boolean;
  look: Look;
  view: View;
  measurements: Measurement[];
  /** Where a picture of the first position is, which is there already. */
  opening: string | undefined;
}

/** Where an address leads; without a position, to the first picture there is. */
export function placeIn(series: Series, position?: number): Place {
  return { series, position: Math.min(Math.max(position ?? 0, 0), Math.max(stepsOf(series).length - 1, 0)), isAsStored: position !== undefined, look: AS_STORED, view: WHOLE, measurements: [], opening: undefined };
}

/** A picture of a series: an instance, and which of its frames comes there. */
export interface Step {
  instance: Instance;
  place: number;
}

export function stepsOf({ instances }: Series): Step[] {
  return instances.flatMap((instance) => Array.from({ length: Math.max(1, instance.frames) }, (_, place) => ({ instance, place })));
}
