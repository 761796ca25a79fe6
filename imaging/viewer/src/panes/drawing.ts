/** What is drawn over a picture: measured lengths and angles, and the writing in its corners. */

import { el, type Page } from "../page";
import type { Spacing } from "../spacing";
import { measured } from "../texts";
import { isWhole, type Measurement, sizeOf } from "./measure";
import { applied, type Matrix, type Point } from "./view";

const SVG = "http://www.w3.org/2000/svg";

function shape(name: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

export function drawingBoard(): SVGElement {
  return shape("svg", { class: "drawing", "aria-hidden": "true" });
}

/** Draws measurements, and where a keyboard's cursor stands. */
export function drawMeasurements(board: SVGElement, page: Page, measurements: readonly Measurement[], spacing: Spacing, matrix: Matrix, cursor: Point | undefined): void {
  const shapes = measurements.flatMap((measurement) => {
    const points = measurement.points.map((point) => applied(matrix, point));
    const line = shape("polyline", { points: points.map(({ x, y }) => `${x},${y}`).join(" ") });
    const dots = points.map(({ x, y }) => shape("circle", { cx: x, cy: y, r: 4 }));
    const last = points.at(-1);
    const label = isWhole(measurement) && last ? [shape("text", { x: last.x + 8, y: last.y - 8 }, measured(page.language, measurement.kind, sizeOf(measurement, spacing)))] : [];
    return [line, ...dots, ...label];
  });
  const at = cursor && applied(matrix, cursor);
  const cross = at ? [shape("path", { class: "cursor", d: `M${at.x - 12},${at.y}h24M${at.x},${at.y - 12}v24` })] : [];
  board.replaceChildren(...shapes, ...cross);
}

/** The corners and edges of a stage, written upon. */
export interface Writing {
  topStart: string[];
  topEnd: string[];
  bottomStart: string[];
  bottomEnd: string[];
  /** The patient's sides. */
  edges: { left: string; right: string; up: string; down: string } | undefined;
}

export function drawWriting(place: HTMLElement, { topStart, topEnd, bottomStart, bottomEnd, edges }: Writing): void {
  const corner = (name: string, lines: string[]) => el("div", { class: name }, ...lines.filter((line) => line !== "").map((line) => el("div", {}, el("bdi", {}, line))));
  const edge = (name: string, letters: string) => el("div", { class: `edge ${name}` }, letters);
  place.replaceChildren(
    corner("top start", topStart),
    corner("top end", topEnd),
    corner("bottom start", bottomStart),
    corner("bottom end", bottomEnd),
    ...(edges ? [edge("left", edges.left), edge("right", edges.right), edge("up", edges.up), edge("down", edges.down)] : []),
  );
}
