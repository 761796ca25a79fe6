/** Where a picture lies on its stage: enlarged, moved, turned, mirrored. */

export interface View {
  /** 1 is the whole picture. */
  zoom: number;
  /** How far the picture's middle is from the stage's, in the stage's pixels. */
  right: number;
  down: number;
  /** Quarter turns clockwise, before it is mirrored. */
  turns: number;
  /** Left is right. */
  mirrored: boolean;
}

export const WHOLE: View = { zoom: 1, right: 0, down: 0, turns: 0, mirrored: false };
export const MOST_ZOOM = 16;

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** A picture's measures: pixels, and a pixel's width over its height. */
export interface Shape {
  columns: number;
  rows: number;
  aspect: number;
}

/** From a picture's pixels to its stage's: `x' = a x + c y + e`, `y' = b x + d y + f`. */
export interface Matrix {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

/** At zoom 1 the whole picture fits, as large as it can. */
export function matrixOf(view: View, shape: Shape, stage: Size): Matrix {
  const scale = fit(view, shape, stage) * view.zoom;
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][view.turns % 4] as [number, number];
  const mirror = view.mirrored ? -1 : 1;
  const [across, down] = [scale * shape.aspect, scale];
  const [a, b, c, d] = [mirror * cos * across, sin * across, -mirror * sin * down, cos * down];
  const e = stage.width / 2 + view.right - (a * shape.columns + c * shape.rows) / 2;
  const f = stage.height / 2 + view.down - (b * shape.columns + d * shape.rows) / 2;
  return { a, b, c, d, e, f };
}

function shownSize(view: View, { columns, rows, aspect }: Shape): Size {
  const lying = { width: columns * aspect, height: rows };
  return view.turns % 2 === 0 ? lying : { width: lying.height, height: lying.width };
}

function fit(view: View, shape: Shape, stage: Size): number {
  const { width, height } = shownSize(view, shape);
  return Math.min(stage.width / width, stage.height / height);
}

export function applied({ a, b, c, d, e, f }: Matrix, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The other way: from the stage to the picture. */
export function undone({ a, b, c, d, e, f }: Matrix, { x, y }: Point): Point {
  const determinant = a * d - b * c;
  return { x: (d * (x - e) - c * (y - f)) / determinant, y: (a * (y - f) - b * (x - e)) / determinant };
}

/** Enlarged so that what is under `at`, seen from the stage's middle, stays there. */
export function zoomed(view: View, factor: number, at: Point = { x: 0, y: 0 }): View {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), MOST_ZOOM);
  const by = zoom / view.zoom;
  return { ...view, zoom, right: at.x - (at.x - view.right) * by, down: at.y - (at.y - view.down) * by };
}

export function moved(view: View, right: number, down: number): View {
  return { ...view, right: view.right + right, down: view.down + down };
}

/** A quarter turn clockwise, as the reader sees it. */
export function turned(view: View): View {
  const turns = (view.turns + (view.mirrored ? 3 : 1)) % 4;
  return { ...view, turns, right: -view.down, down: view.right };
}

export function mirrored(view: View): View {
  return { ...view, mirrored: !view.mirrored, right: -view.right };
}

/** The same, with the picture still covering as much of its stage as it can. */
export function kept(view: View, shape: Shape, stage: Size): View {
  const scale = fit(view, shape, stage) * view.zoom;
  const { width, height } = shownSize(view, shape);
  const within = (offset: number, picture: number, room: number) => {
    const most = (picture * scale - room) / 2;
    return most > 0 ? Math.min(Math.max(offset, -most), most) : 0;
  };
  return { ...view, right: within(view.right, width, stage.width), down: within(view.down, height, stage.height) };
}
