/** Setting the points of a length or an angle, by a pointer's drags or key by key. */

import { isWhole, type Measurement } from "./measure";
import type { Pane } from "./pane";
import type { Point } from "./view";

/** Points nearer than this, in the picture's pixels, are one: the reader touched and did not drag. */
const TOUCH = 1;

/** Beside the picture there is nothing to measure. */
function isWithin({ x, y }: Point, { columns, rows }: { columns: number; rows: number }): boolean {
  return x >= 0 && y >= 0 && x <= columns && y <= rows;
}

export class Measuring {
  constructor(
    private readonly pane: Pane,
    private readonly kind: Measurement["kind"],
  ) {}

  /** Whether anything can be measured here. */
  press(at: Point): boolean {
    const { place, picture } = this.pane;
    if (!picture?.image.spacing || !isWithin(at, picture.image)) return false;
    const begun = this.begun();
    if (begun) begun.points.push(at);
    else place.measurements.push({ kind: this.kind, position: place.position, points: [at, at] });
    this.pane.drawOver();
    return true;
  }

  drag(to: Point): void {
    this.last()?.points.splice(-1, 1, to);
    this.pane.drawOver();
  }

  /** A first line without length was none. */
  lift(): void {
    const [first, second, third] = this.last()?.points ?? [];
    if (first && second && !third && Math.hypot(first.x - second.x, first.y - second.y) < TOUCH) this.cancel();
    this.pane.onChange();
  }

  cancel(): void {
    this.pane.place.measurements.pop();
    this.pane.drawOver();
  }

  /** One more point, where each is set by itself. */
  set(at: Point): void {
    const begun = this.begun();
    if (begun) begun.points.push(at);
    else if (this.pane.picture?.image.spacing) this.pane.place.measurements.push({ kind: this.kind, position: this.pane.place.position, points: [at] });
    this.pane.drawOver();
    this.pane.onChange();
  }

  private last(): Measurement | undefined {
    return this.pane.place.measurements.at(-1);
  }

  /** What still lacks points. */
  private begun(): Measurement | undefined {
    const last = this.last();
    const isHere = last && last.kind === this.kind && last.position === this.pane.place.position;
    return isHere && !isWhole(last) ? last : undefined;
  }
}
