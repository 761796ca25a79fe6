/** Series on one to four stages, and the tools for them. */

import { download } from "../download";
import type { Holding } from "../holding";
import type { Series } from "../index";
import { backLink, el, heading, type Page, type Screen } from "../page";
import { listen } from "../panes/gestures";
import { Measuring } from "../panes/measuring";
import { Pane } from "../panes/pane";
import { type Place, placeIn } from "../panes/place";
import { zoomed } from "../panes/view";
import type { Pictures } from "../pictures";
import { imagesIn, seriesName, seriesOf } from "./list";
import { type Desk, Tools } from "./tools";

/** What outlives a change of language: what is on each stage, and which tools are set. */
export interface Table {
  places: Place[];
  chosen: number;
  desk: Desk;
}

export function tableFor(series: Series, position?: number): Table {
  return { places: [placeIn(series, position)], chosen: 0, desk: { tool: "scroll", speed: undefined, linked: true, writing: false, toolsOpen: false } };
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
const ARROWS: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
/** How much a key enlarges. */
const LARGER = 1.25;

export function pictureScreen(page: Page, holding: Holding, pictures: Pictures, table: Table): Screen {
  const viewer = new Viewer(page, holding, pictures, table);
  const [first] = table.places;
  return { title: first ? seriesName(first.series, page) : "", content: viewer.element, leave: () => viewer.stop() };
}

class Viewer {
  readonly element: HTMLElement;
  private readonly stages = el("div", { class: "stages" });
  private readonly title: HTMLHeadingElement;
  private readonly tools: Tools;
  private panes: Pane[] = [];
  /** How far linked panes would be beyond their ends: they come back with the others. */
  private readonly beyond = new Map<Pane, number>();

  constructor(
    private readonly page: Page,
    private readonly holding: Holding,
    private readonly pictures: Pictures,
    private readonly table: Table,
  ) {
    this.title = heading("");
    this.tools = new Tools(page, table.desk, {
      pane: () => this.chosen,
      count: () => table.places.length,
      step: (by) => this.go(this.chosen, this.chosen.place.position + by),
      go: (position) => this.go(this.chosen, position),
      lay: (count) => this.lay(count),
      fullScreen: () => void this.stages.requestFullscreen(),
      save: () => this.chosen.toBlob((blob) => download(blob, `image-${this.chosen.place.position + 1}.png`)),
      redraw: () => this.panes.forEach((pane) => pane.redraw()),
    });
    this.element = el("div", { class: "picture" }, backLink(page), this.title, this.stages, this.tools.element);
    document.addEventListener("keydown", this.key);
    this.lay(table.places.length);
  }

  stop(): void {
    this.panes.forEach((pane) => pane.stop());
    this.tools.stop();
    document.removeEventListener("keydown", this.key);
  }

  private get chosen(): Pane {
    const pane = this.panes[this.table.chosen] ?? this.panes[0];
    if (!pane) throw new Error("there is always a stage");
    return pane;
  }

  /** As many stages as asked for. New ones show the series that follow. */
  private lay(count: number): void {
    const { places } = this.table;
    const all = seriesOf(this.holding).filter((series) => imagesIn([series]) > 0);
    while (places.length < count) {
      const last = places.at(-1)?.series;
      const next = all[(last ? all.indexOf(last) + 1 : 0) % all.length];
      if (next) places.push(placeIn(next));
    }
    places.splice(count);
    this.table.chosen = Math.min(this.table.chosen, count - 1);
    this.panes.forEach((pane) => pane.stop());
    this.panes = places.map((place) => this.paneOf(place));
    this.stages.dataset.count = String(count);
    this.stages.replaceChildren(...this.panes.map((pane, index) => el("div", { class: "pane" }, count > 1 && this.seriesChoice(index), pane.stage)));
    this.choose(this.table.chosen);
  }

  private paneOf(place: Place): Pane {
    const pane = new Pane({ page: this.page, holding: this.holding, pictures: this.pictures, writing: () => this.table.desk.writing }, place);
    pane.onChange = () => pane === this.panes[this.table.chosen] && this.tools.show();
    pane.stage.tabIndex = 0;
    pane.stage.setAttribute("role", "group");
    pane.stage.setAttribute("aria-label", `${seriesName(place.series, this.page)}. ${this.page.language.texts.stageKeys}`);
    const choose = () => this.choose(this.panes.indexOf(pane));
    pane.stage.addEventListener("focus", choose);
    listen(pane, { tool: () => this.table.desk.tool, choose, go: (position) => this.go(pane, position) });
    return pane;
  }

  private choose(index: number): void {
    this.table.chosen = index;
    this.panes.forEach((pane, other) => pane.stage.classList.toggle("chosen", other === index && this.panes.length > 1));
    this.title.replaceChildren(seriesName(this.chosen.place.series, this.page));
    this.tools.show();
  }

  /** The others go along, as far as they can, where they are linked. */
  private go(pane: Pane, position: number): void {
    const before = pane.place.position;
    pane.go(position);
    const by = pane.place.position - before;
    this.beyond.delete(pane);
    if (!this.table.desk.linked || by === 0) return;
    for (const other of this.panes.filter((other) => other !== pane)) {
      const wanted = other.place.position + (this.beyond.get(other) ?? 0) + by;
      other.go(wanted);
      this.beyond.set(other, wanted - other.place.position);
    }
  }

  private seriesChoice(index: number): HTMLElement {
    const { texts } = this.page.language;
    const current = this.table.places[index]?.series;
    const options = seriesOf(this.holding).flatMap((series, number) => {
      if (imagesIn([series]) === 0) return [];
      const option = el("option", { attributes: { value: String(number) } }, seriesName(series, this.page));
      option.selected = series === current;
      return [option];
    });
    const select = el("select", { on: { change: () => this.exchange(index, Number(select.value)) } }, ...options);
    return el("label", { class: "which" }, el("span", { class: "spoken" }, texts.whichSeries(this.page.count(index + 1))), select);
  }

  private exchange(index: number, number: number): void {
    const series = seriesOf(this.holding)[number];
    if (!series) return;
    this.table.places[index] = placeIn(series);
    this.table.chosen = index;
    this.lay(this.table.places.length);
    this.stages.querySelectorAll("select")[index]?.focus();
  }

  private readonly key = (event: KeyboardEvent): void => {
    // Inside a page of others, the event's own target is all that holds this one.
    const [target] = event.composedPath();
    const elsewhere = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (elsewhere || event.altKey || event.ctrlKey || event.metaKey) return;
    const onStage = this.panes.some(({ stage }) => stage === target);
    if ((onStage && this.stageKey(event)) || this.pageKey(event)) event.preventDefault();
  };

  /** Where there are no pages to turn, keys scroll as everywhere. Left and right are as on the slider. */
  private pageKey({ key }: KeyboardEvent): boolean {
    const step = STEPS[key];
    if (step === undefined || this.chosen.steps.length < 2) return false;
    const isMirrored = this.page.language.direction === "rtl" && (key === "ArrowLeft" || key === "ArrowRight");
    this.go(this.chosen, this.chosen.place.position + (isMirrored ? -step : step));
    return true;
  }

  /** Keys that only a stage with the focus takes: plus, minus, and the cross that measures. */
  private stageKey({ key, shiftKey }: KeyboardEvent): boolean {
    const pane = this.chosen;
    const { tool } = this.table.desk;
    if (key === "+" || key === "=") pane.view(zoomed(pane.place.view, LARGER));
    else if (key === "-") pane.view(zoomed(pane.place.view, 1 / LARGER));
    else if (key === "0") pane.reset();
    else if (tool === "length" || tool === "angle") return this.measureKey(pane, tool, key, shiftKey);
    else return false;
    return true;
  }

  private measureKey(pane: Pane, tool: "length" | "angle", key: string, fast: boolean): boolean {
    const image = pane.picture?.image;
    const arrow = ARROWS[key];
    if (!image || (!arrow && key !== "Enter")) return false;
    const cursor = pane.cursor ?? { x: image.columns / 2, y: image.rows / 2 };
    const { x, y } = pane.alongPicture({ x: arrow?.[0] ?? 0, y: arrow?.[1] ?? 0 });
    const step = fast ? 10 : 1;
    pane.cursor = { x: within(cursor.x + x * step, image.columns), y: within(cursor.y + y * step, image.rows) };
    if (key === "Enter") new Measuring(pane, tool).set(pane.cursor);
    pane.drawOver();
    return true;
  }
}

function within(place: number, end: number): number {
  return Math.min(Math.max(place, 0), end);
}
