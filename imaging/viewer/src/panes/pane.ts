/** One series on a stage, a picture at a time. */

import type { Holding } from "../holding";
import { opposite } from "../orientation";
import { el, type Page } from "../page";
import type { Picture, Pictures } from "../pictures";
import { dateInWords, spokenName } from "../texts";
import { AS_STORED, type Look, paint, windowShown } from "../tone";
import { why } from "../why";
import { drawingBoard, drawMeasurements, drawWriting, type Writing } from "./drawing";
import { type Place, type Step, stepsOf } from "./place";
import { applied, kept, type Matrix, matrixOf, type Point, type Size, undone, type View, WHOLE } from "./view";

/** How many pictures are made ready before they are asked for. */
const AHEAD = 3;
/** Longer than this, and the reader is told that it takes a while. */
const PATIENCE_MS = 150;

/** What is the same for all panes of a screen. */
export interface Surroundings {
  page: Page;
  holding: Holding;
  pictures: Pictures;
  /** Whether there is writing on the pictures. */
  writing(): boolean;
}

export class Pane {
  readonly steps: Step[];
  readonly stage: HTMLElement;
  /** Is called when another picture, or another look of it, is on the stage. */
  onChange: () => void = () => undefined;
  /** Where the keyboard measures; in the picture's pixels. */
  cursor: Point | undefined;

  private readonly canvas = el("canvas", { attributes: { role: "img" } });
  /** Lies over the words that it takes a while, once it is there. */
  private readonly preview = el("img", { class: "preview", attributes: { alt: "", hidden: "" } });
  private readonly board = drawingBoard();
  private readonly corners = el("div", { class: "writing", attributes: { "aria-hidden": "true" } });
  private readonly note = el("p", { class: "note", attributes: { role: "status" } });
  private readonly watcher = new ResizeObserver(() => this.lay());
  private stopped = false;
  /** Counts what was asked for: what comes late is not drawn over what came after it. */
  private turn = 0;
  private direction = 1;
  private onStage: Picture | undefined;
  private settled = false;

  constructor(
    private readonly around: Surroundings,
    readonly place: Place,
  ) {
    this.steps = stepsOf(place.series);
    this.stage = el("div", { class: "stage" }, this.canvas, this.note, this.preview, this.board, this.corners);
    this.watcher.observe(this.stage);
    this.go(place.position);
  }

  stop(): void {
    this.stopped = true;
    this.watcher.disconnect();
  }

  /** The picture on the stage. */
  get picture(): Picture | undefined {
    return this.onStage;
  }

  /** Whether what was asked for last is on the stage, or why it is not. */
  get isSettled(): boolean {
    return this.settled;
  }

  /** "Image 3 of 40". */
  get words(): string {
    const { page } = this.around;
    return page.language.texts.imageOf(page.count(this.place.position + 1), page.count(this.steps.length));
  }

  go(position: number): void {
    const last = this.place.position;
    this.place.position = Math.min(Math.max(position, 0), this.steps.length - 1);
    if (this.place.position !== last) this.direction = Math.sign(this.place.position - last);
    this.canvas.setAttribute("aria-label", this.words);
    this.onChange();
    void this.draw();
  }

  look(look: Look): void {
    this.place.look = look;
    if (this.onStage) this.put(this.onStage);
    this.onChange();
  }

  view(view: View): void {
    this.place.view = this.onStage ? kept(view, this.onStage.image, this.size) : view;
    this.lay();
    this.onChange();
  }

  /** Draws it once more, with or without writing. */
  redraw(): void {
    this.look(this.place.look);
  }

  /** As it was when it was opened. */
  reset(): void {
    this.place.measurements = [];
    this.cursor = undefined;
    this.view(WHOLE);
    this.look(AS_STORED);
  }

  get size(): Size {
    return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 };
  }

  /** A point of the window, in the picture's pixels; none where no picture is. */
  inPicture({ x, y }: Point): Point | undefined {
    const matrix = this.matrix();
    const { left, top } = this.stage.getBoundingClientRect();
    return matrix && undone(matrix, { x: x - left, y: y - top });
  }

  /** A direction as the reader sees it, one of four, as it is in the picture's pixels. */
  alongPicture({ x, y }: Point): Point {
    const { a, b, c, d } = this.matrix() ?? { a: 1, b: 0, c: 0, d: 1 };
    return { x: Math.sign(a * x + b * y), y: Math.sign(c * x + d * y) };
  }

  /** A point of the window, seen from the stage's middle. */
  fromMiddle({ x, y }: Point): Point {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    return { x: x - left - width / 2, y: y - top - height / 2 };
  }

  /** Draws what lies over the picture once more. */
  drawOver(): void {
    const matrix = this.matrix();
    const { place, onStage } = this;
    const here = place.measurements.filter(({ position }) => position === place.position);
    if (!matrix || !onStage?.image.spacing) this.board.replaceChildren();
    else drawMeasurements(this.board, this.around.page, here, onStage.image.spacing, matrix, this.cursor);
    this.corners.hidden = !this.around.writing();
    if (onStage && matrix) drawWriting(this.corners, this.writingOn(onStage, matrix));
    else this.corners.replaceChildren();
  }

  toBlob(done: (blob: Blob) => void): void {
    this.canvas.toBlob((blob) => blob && done(blob), "image/png");
  }

  private matrix(): Matrix | undefined {
    return this.onStage && matrixOf(this.place.view, this.onStage.image, this.size);
  }

  private lay(): void {
    const matrix = this.matrix();
    if (!matrix) return;
    const { a, b, c, d, e, f } = matrix;
    this.canvas.style.transform = `matrix(${a}, ${b}, ${c}, ${d}, ${e}, ${f})`;
    this.drawOver();
  }

  private async draw(): Promise<void> {
    const turn = ++this.turn;
    const step = this.steps[this.place.position];
    if (!step) return;
    this.settled = false;
    const { texts } = this.around.page.language;
    // Not at once: what is at hand comes without a flicker.
    const late = window.setTimeout(() => turn === this.turn && this.wait(step), this.place.opening ? 0 : PATIENCE_MS);
    try {
      if (this.place.isAsStored) {
        const place = step.instance.frames > 1 ? await this.around.pictures.placeOf(step.instance, step.place) : step.place;
        if (turn !== this.turn || this.stopped) return;
        this.place.isAsStored = false;
        if (place !== step.place) return this.go(this.place.position + place - step.place);
      }
      const picture = await this.around.pictures.at(step.instance, step.place);
      if (turn === this.turn && !this.stopped) this.put(picture);
    } catch (error) {
      if (turn === this.turn) this.blank(why(this.around.page, error, (reason) => texts.cannotShow[reason]));
    } finally {
      window.clearTimeout(late);
    }
    if (turn !== this.turn || this.stopped) return;
    this.settled = true;
    this.onChange();
    this.readAhead();
  }

  private put(picture: Picture): void {
    this.onStage = picture;
    const planes = this.around.writing() ? picture.image.overlays(picture.number) : [];
    paint(this.canvas, picture.image, picture.frame, this.place.look, planes);
    this.canvas.hidden = false;
    this.preview.hidden = true;
    this.note.replaceChildren();
    this.lay();
  }

  /** Shows what comes sooner, as long as it is looked at as it is stored; else says that it takes a while. */
  private wait({ instance }: Step): void {
    const { page, holding } = this.around;
    const { place } = this;
    this.blank(page.language.texts.loading);
    const address = place.opening ?? holding.preview(instance);
    place.opening = undefined;
    if (!address || place.look !== AS_STORED || place.view !== WHOLE) return;
    this.preview.src = address;
    this.preview.hidden = false;
  }

  /** Says in the picture's place why there is none. The last picture goes: it would be taken for this one. */
  private blank(words: string): void {
    this.onStage = undefined;
    this.canvas.hidden = true;
    this.preview.hidden = true;
    this.canvas.width = 1;
    this.note.replaceChildren(words);
    this.drawOver();
  }

  private readAhead(): void {
    const wanted = this.turn;
    void (async () => {
      for (let ahead = 1; ahead <= AHEAD && wanted === this.turn && !this.stopped; ahead++) {
        const next = this.steps[this.place.position + ahead * this.direction];
        if (next) await this.around.pictures.at(next.instance, next.place).catch(() => undefined);
      }
    })();
  }

  private writingOn({ image, frame, number }: Picture, matrix: Matrix): Writing {
    const { page, holding } = this.around;
    const { series, view } = this.place;
    const study = holding.index.patients.flatMap(({ studies }) => studies).find(({ series: all }) => all.includes(series));
    const patient = holding.index.patients.find(({ studies }) => study && studies.includes(study));
    const window = frame.kind === "gray" ? windowShown(frame, this.place.look) : undefined;
    const edges = image.edges(number);
    return {
      topStart: [spokenName(patient?.name ?? ""), patient?.id ?? ""],
      topEnd: [study?.date ? dateInWords(page.language, study.date) : "", series.description],
      bottomStart: [this.words],
      bottomEnd: [window ? `W ${Math.round(window.width)} L ${Math.round(window.center)}` : "", view.zoom > 1 ? `${Math.round(view.zoom * 100)} %` : ""],
      edges: edges && seen(edges, matrix),
    };
  }
}

/** The sides that a turned and mirrored picture's edges look to. */
function seen({ right, down }: { right: string; down: string }, matrix: Matrix): Writing["edges"] {
  const toward = (direction: Point): string => {
    const zero = applied(matrix, { x: 0, y: 0 });
    const [one, other] = [applied(matrix, { x: 1, y: 0 }), applied(matrix, { x: 0, y: 1 })];
    const along = (end: Point) => (end.x - zero.x) * direction.x + (end.y - zero.y) * direction.y;
    const [alongRow, alongColumn] = [along(one), along(other)];
    if (Math.abs(alongRow) > Math.abs(alongColumn)) return alongRow > 0 ? right : opposite(right);
    return alongColumn > 0 ? down : opposite(down);
  };
  return { left: toward({ x: -1, y: 0 }), right: toward({ x: 1, y: 0 }), up: toward({ x: 0, y: -1 }), down: toward({ x: 0, y: 1 }) };
}
