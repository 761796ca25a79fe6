/** The tools under the stages: turning pages, brightness, size, measuring. They work on the stage that was chosen last. */

import { button, el, type Page, signButton } from "../page";
import { type Tool, TOOLS } from "../panes/gestures";
import { sizeOf, isWhole } from "../panes/measure";
import type { Pane } from "../panes/pane";
import { mirrored, turned, zoomed } from "../panes/view";
import { isChosen, presetsFor } from "../presets";
import { measured } from "../texts";
import { clampedLook, type Look } from "../tone";

/** How the tools are set. */
export interface Desk {
  tool: Tool;
  /** Pictures a second; the file's own, or the usual, where nobody chose. */
  speed: number | undefined;
  /** Whether all stages turn pages together. */
  linked: boolean;
  writing: boolean;
  toolsOpen: boolean;
}

/** What tools ask of their screen. */
export interface Screenful {
  pane(): Pane;
  count(): number;
  step(by: number): void;
  go(position: number): void;
  lay(count: number): void;
  fullScreen(): void;
  save(): void;
  redraw(): void;
}

const SPEEDS = [1, 2, 5, 10, 15, 25, 30];
const USUAL_SPEED = 10;
const LARGER = 1.5;

export class Tools {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly counter = el("output");
  private readonly tones: Record<"brightness" | "contrast", HTMLInputElement>;
  private readonly presets = el("select", { on: { change: () => this.preset() } });
  private readonly presetLabel: HTMLElement;
  private readonly playing: HTMLButtonElement;
  private readonly paging: HTMLElement;
  private readonly saving: HTMLButtonElement;
  private readonly speeds: HTMLElement;
  private readonly measurements = el("p", { class: "hint", attributes: { role: "status" } });
  private timer: number | undefined;

  constructor(
    private readonly page: Page,
    private readonly desk: Desk,
    private readonly screen: Screenful,
  ) {
    const { texts } = page.language;
    this.slider = el("input", { id: "position", attributes: { type: "range", min: "0", step: "1", "aria-label": texts.picture }, on: { input: () => screen.go(Number(this.slider.value)) } });
    this.tones = { brightness: this.toneSlider("brightness"), contrast: this.toneSlider("contrast") };
    this.playing = button(texts.play, () => this.play());
    this.saving = button(texts.savePicture, () => screen.save());
    this.speeds = this.speedChoice();
    this.presetLabel = el("label", { class: "select" }, texts.presets.label, this.presets);
    this.paging = el(
      "div",
      {},
      el("div", { class: "row" }, signButton("‹", texts.previous, () => screen.step(-1)), this.slider, signButton("›", texts.next, () => screen.step(1)), this.playing),
    );
    this.element = el(
      "div",
      { class: "tools" },
      this.paging,
      el("p", {}, this.counter, el("span", { class: "keys" }, ` · ${texts.keysHint}`)),
      el("div", { class: "tones" }, el("label", {}, texts.brightness, this.tones.brightness), el("label", {}, texts.contrast, this.tones.contrast)),
      el(
        "div",
        { class: "row" },
        signButton("+", texts.larger, () => this.resize(LARGER)),
        signButton("−", texts.smaller, () => this.resize(1 / LARGER)),
        this.presetLabel,
        button(texts.asStored, () => screen.pane().reset()),
        document.fullscreenEnabled && button(texts.fullScreen, () => screen.fullScreen()),
        this.saving,
      ),
      this.more(),
    );
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
    this.playing.replaceChildren(this.page.language.texts.play);
  }

  /** Says how the chosen stage is now. */
  show(): void {
    const { screen, page } = this;
    const { place, steps, picture, words, isSettled } = screen.pane();
    this.paging.hidden = steps.length < 2;
    if (this.paging.hidden) this.stop();
    this.slider.max = String(steps.length - 1);
    this.slider.value = String(place.position);
    this.slider.setAttribute("aria-valuetext", words);
    this.counter.replaceChildren(words);
    this.tones.brightness.value = String(place.look.brightness);
    this.tones.contrast.value = String(place.look.contrast);
    this.saving.disabled = !picture;
    this.speeds.querySelectorAll("option").forEach((option) => (option.selected = Number(option.value) === nearest(SPEEDS, this.speed)));
    if (!picture || !isSettled) return;
    this.offerPresets();
    const spacing = picture.image.spacing;
    const here = place.measurements.filter((one) => one.position === place.position && isWhole(one));
    const isMeasuring = this.desk.tool === "length" || this.desk.tool === "angle";
    const hint = spacing ? page.language.texts.measureHint : page.language.texts.noSpacing;
    const sizes = spacing ? here.map((one) => measured(page.language, one.kind, sizeOf(one, spacing))) : [];
    this.measurements.replaceChildren(sizes.length > 0 ? sizes.join(" · ") : isMeasuring ? hint : "");
  }

  private offerPresets(): void {
    const { place, picture } = this.screen.pane();
    const presets = picture ? presetsFor(picture.frame, place.series.modality, this.page.language.texts) : [];
    this.presetLabel.hidden = presets.length < 2;
    const options = presets.map((preset, number) => {
      const option = el("option", { attributes: { value: String(number) } }, preset.name);
      option.selected = isChosen(preset, place.look);
      return option;
    });
    this.presets.replaceChildren(...options);
  }

  private preset(): void {
    const pane = this.screen.pane();
    const presets = pane.picture ? presetsFor(pane.picture.frame, pane.place.series.modality, this.page.language.texts) : [];
    const chosen = presets[Number(this.presets.value)];
    if (chosen) pane.look({ ...pane.place.look, brightness: 0, contrast: 0, window: chosen.window });
  }

  private resize(by: number): void {
    const pane = this.screen.pane();
    pane.view(zoomed(pane.place.view, by));
  }

  /** What most readers never need. */
  private more(): HTMLElement {
    const { page, desk, screen } = this;
    const { texts } = page.language;
    const pane = () => screen.pane();
    const look = (change: (look: Look) => Partial<Look>) => pane().look(clampedLook({ ...pane().place.look, ...change(pane().place.look) }));
    const details = el(
      "details",
      { on: { toggle: () => void (desk.toolsOpen = details.open) } },
      el("summary", {}, texts.moreTools),
      this.toolChoice(),
      this.measurements,
      el(
        "div",
        { class: "row" },
        button(texts.turn, () => pane().view(turned(pane().place.view))),
        button(texts.mirror, () => pane().view(mirrored(pane().place.view))),
        button(texts.invert, () => look(({ inverted }) => ({ inverted: !inverted }))),
        button(texts.removeMeasurements, () => {
          pane().place.measurements = [];
          pane().drawOver();
          this.show();
        }),
      ),
      el("div", { class: "row" }, this.speeds, this.layoutChoice(), this.box(texts.linked, "linked"), this.box(texts.writing, "writing")),
    );
    details.open = desk.toolsOpen;
    return details;
  }

  private box(label: string, which: "linked" | "writing"): HTMLElement {
    const { desk, screen } = this;
    const box = el("input", {
      attributes: { type: "checkbox" },
      on: {
        change: () => {
          desk[which] = box.checked;
          screen.redraw();
        },
      },
    });
    box.checked = desk[which];
    return el("label", { class: "choice" }, box, label);
  }

  private layoutChoice(): HTMLElement {
    const { texts } = this.page.language;
    return this.choice(texts.sideBySide, [1, 2, 4], this.screen.count(), (count) => this.page.count(count), (count) => this.screen.lay(count));
  }

  /** Pictures a second, of the chosen stage. */
  private get speed(): number {
    return this.desk.speed ?? this.screen.pane().picture?.image.speed ?? USUAL_SPEED;
  }

  private speedChoice(): HTMLElement {
    const { texts } = this.page.language;
    return this.choice(texts.speed, SPEEDS, this.desk.speed ?? USUAL_SPEED, (speed) => texts.perSecond(this.page.count(speed)), (speed) => {
      this.desk.speed = speed;
      if (this.timer !== undefined) this.start();
    });
  }

  private choice(label: string, values: readonly number[], chosen: number, name: (value: number) => string, choose: (value: number) => void): HTMLElement {
    const options = values.map((value) => {
      const option = el("option", { attributes: { value: String(value) } }, name(value));
      option.selected = value === chosen;
      return option;
    });
    const select = el("select", { on: { change: () => choose(Number(select.value)) } }, ...options);
    return el("label", { class: "select" }, label, select);
  }

  private toneSlider(which: "brightness" | "contrast"): HTMLInputElement {
    const change = () => {
      const pane = this.screen.pane();
      pane.look({ ...pane.place.look, [which]: Number(slider.value) });
    };
    const slider = el("input", { attributes: { type: "range", min: "-1", max: "1", step: "0.02" }, on: { input: change } });
    return slider;
  }

  private toolChoice(): HTMLElement {
    const { texts } = this.page.language;
    const option = (tool: Tool) => {
      const choose = () => {
        this.desk.tool = tool;
        this.show();
      };
      const radio = el("input", { attributes: { type: "radio", name: "dragging" }, on: { change: choose } });
      radio.checked = this.desk.tool === tool;
      return el("label", { class: "choice" }, radio, texts.tools[tool]);
    };
    return el("fieldset", {}, el("legend", {}, texts.dragging), ...TOOLS.map(option));
  }

  private play(): void {
    if (this.timer === undefined) this.start();
    else this.stop();
  }

  /** The next picture comes when the last one is there. */
  private start(): void {
    const { screen, speed } = this;
    window.clearInterval(this.timer);
    const next = () => {
      const { place, steps, isSettled } = screen.pane();
      if (isSettled) screen.go((place.position + 1) % steps.length);
    };
    this.timer = window.setInterval(next, 1000 / speed);
    this.playing.replaceChildren(this.page.language.texts.pause);
  }
}

function nearest(values: readonly number[], to: number): number {
  return values.reduce((best, value) => (Math.abs(value - to) < Math.abs(best - to) ? value : best));
}
