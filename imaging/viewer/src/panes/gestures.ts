/** What mouse, pen and fingers do on a stage. */

import { clampedLook } from "../tone";
import { Measuring } from "./measuring";
import type { Pane } from "./pane";
import { moved, type Point, type View, zoomed } from "./view";

/** What dragging with one finger, or the mouse, does. */
export const TOOLS = ["scroll", "tone", "move", "zoom", "length", "angle"] as const;
export type Tool = (typeof TOOLS)[number];

/** How far one moves for the next page, for the whole range of brightness, and for twice the size. */
const PAGE_PIXELS = 12;
const TONE_PIXELS = 300;
const DOUBLE_PIXELS = 150;
/** Two fingers that come so much closer, or apart, pinch. */
const PINCH_PIXELS = 24;
/** Less wheel than this is not a page yet. */
const WHEEL_PIXELS = 40;

/** What the gestures of a pane ask of its screen. */
export interface Handling {
  tool(): Tool;
  /** The reader touched this pane: it is the one that tools work on. */
  choose(): void;
  go(position: number): void;
}

/** One drag: what follows as the pointer moves, and when it is lifted. */
interface Drag {
  move(to: Point): void;
  end?(): void;
  /** A second finger came: it was never meant. */
  cancel?(): void;
}

export function listen(pane: Pane, handling: Handling): void {
  const fingers = new Map<number, Point>();
  let drag: Drag | undefined;
  const { stage } = pane;
  const at = ({ clientX, clientY }: MouseEvent): Point => ({ x: clientX, y: clientY });

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || fingers.size === 2) return;
    handling.choose();
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
    if (fingers.size === 2) drag?.cancel?.();
    drag = fingers.size === 1 ? dragOf(pane, handling, at(event)) : pinch(pane, handling, fingers);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, at(event));
    drag?.move(at(event));
  });
  stage.addEventListener("lostpointercapture", ({ pointerId }) => {
    fingers.delete(pointerId);
    drag?.end?.();
    drag = undefined;
  });
  stage.addEventListener("wheel", wheel(pane, handling), { passive: false });
}

function wheel(pane: Pane, handling: Handling): (event: WheelEvent) => void {
  let gathered = 0;
  return (event) => {
    event.preventDefault();
    handling.choose();
    if (event.ctrlKey) {
      pane.view(zoomed(pane.place.view, 2 ** (-event.deltaY / 200), pane.fromMiddle({ x: event.clientX, y: event.clientY })));
      return;
    }
    gathered = Math.sign(gathered) === Math.sign(event.deltaY) ? gathered + event.deltaY : event.deltaY;
    if (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL && Math.abs(gathered) < WHEEL_PIXELS) return;
    handling.go(pane.place.position + Math.sign(gathered));
    gathered = 0;
  };
}

function dragOf(pane: Pane, handling: Handling, from: Point): Drag | undefined {
  const { place } = pane;
  const { position, look, view } = place;
  const tool = meant(pane, handling.tool());
  switch (tool) {
    case "scroll":
      return { move: ({ y }) => handling.go(position + Math.trunc((y - from.y) / PAGE_PIXELS)) };
    case "tone":
      return { move: ({ x, y }) => pane.look(clampedLook({ ...look, brightness: look.brightness - (y - from.y) / TONE_PIXELS, contrast: look.contrast + (x - from.x) / TONE_PIXELS })) };
    case "move":
      return { move: ({ x, y }) => pane.view(moved(view, x - from.x, y - from.y)) };
    case "zoom":
      return { move: ({ y }) => pane.view(zoomed(view, 2 ** ((from.y - y) / DOUBLE_PIXELS), pane.fromMiddle(from))) };
    case "length":
    case "angle":
      return measuringDrag(pane, new Measuring(pane, tool), from);
  }
}

/** Where there is one picture, there are no pages to turn. */
function meant(pane: Pane, tool: Tool): Tool {
  if (tool !== "scroll" || pane.steps.length > 1) return tool;
  return pane.place.view.zoom > 1 ? "move" : "tone";
}

function measuringDrag(pane: Pane, measuring: Measuring, from: Point): Drag | undefined {
  const start = pane.inPicture(from);
  if (!start || !measuring.press(start)) return undefined;
  return {
    move(to) {
      const point = pane.inPicture(to);
      if (point) measuring.drag(point);
    },
    end: () => measuring.lift(),
    cancel: () => measuring.cancel(),
  };
}

/** Two fingers: apart or together they enlarge, up and down they turn pages. What they do first they go on doing. */
function pinch(pane: Pane, handling: Handling, fingers: ReadonlyMap<number, Point>): Drag {
  const measure = () => {
    const [one = { x: 0, y: 0 }, other = one] = fingers.values();
    return { distance: Math.hypot(one.x - other.x, one.y - other.y), middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 } };
  };
  const from = measure();
  const { position, view } = pane.place;
  let doing: "zoom" | "scroll" | undefined;
  return {
    move() {
      const { distance, middle } = measure();
      if (Math.abs(distance - from.distance) > PINCH_PIXELS) doing ??= "zoom";
      else if (Math.abs(middle.y - from.middle.y) > PAGE_PIXELS) doing ??= "scroll";
      if (doing === "scroll") handling.go(position + Math.trunc((middle.y - from.middle.y) / PAGE_PIXELS));
      if (doing === "zoom") pane.view(pinched(pane, view, from, { distance, middle }));
    },
  };
}

interface Grip {
  distance: number;
  middle: Point;
}

function pinched(pane: Pane, view: View, from: Grip, to: Grip): View {
  const enlarged = zoomed(view, to.distance / Math.max(from.distance, 1), pane.fromMiddle(from.middle));
  return moved(enlarged, to.middle.x - from.middle.x, to.middle.y - from.middle.y);
}
