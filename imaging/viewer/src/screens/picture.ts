/** One series, a picture at a time: turning pages, brightness, saving what is shown. */

import { Malformed } from "../dicom";
import { BadFile, type Disc } from "../disc";
import { download } from "../download";
import type { Instance, Series } from "../index";
import { button, el, heading, type Page, type Screen, signButton } from "../page";
import { BadPart } from "../parts";
import type { Pictures } from "../pictures";
import { CannotShow, type Frame, type Image } from "../pixels";
import { AS_STORED, type Look, paint } from "../tone";
import { seriesName } from "./list";

/** Where in a series the reader is, and how it looks. It outlives a change of language. */
export interface Place {
  series: Series;
  /** Among all frames of all instances, from 0. */
  position: number;
  look: Look;
  dragging: "scroll" | "tone";
}

export function placeIn(series: Series): Place {
  return { series, position: 0, look: AS_STORED, dragging: "scroll" };
}

/** How far a finger moves for the next page, and for the whole range of brightness. */
const PAGE_PIXELS = 12;
const TONE_PIXELS = 300;
const PLAY_MS = 80;
const STEPS: Record<string, number> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };

export function pictureScreen(page: Page, disc: Disc, pictures: Pictures, place: Place): Screen {
  const viewer = new Viewer(page, disc, pictures, place);
  return { title: seriesName(place.series, page), content: viewer.content(), leave: () => viewer.stop() };
}

class Viewer {
  private readonly steps: { instance: Instance; frame: number }[];
  private readonly canvas = el("canvas", { attributes: { role: "img" } });
  private readonly note = el("p", { class: "note", attributes: { role: "status" } });
  private readonly stage = el("div", { class: "stage" }, this.canvas, this.note);
  private readonly slider: HTMLInputElement;
  private readonly counter = el("output");
  private readonly tones: Record<keyof Look, HTMLInputElement>;
  private readonly playing: HTMLButtonElement;
  private readonly save: HTMLButtonElement;
  private timer: number | undefined;
  private stopped = false;
  /** Counts what was asked for: what comes late is not drawn over what came after it. */
  private turn = 0;

  constructor(
    private readonly page: Page,
    private readonly disc: Disc,
    private readonly pictures: Pictures,
    private readonly place: Place,
  ) {
    const { texts } = page.language;
    this.steps = place.series.instances.flatMap((instance) => Array.from({ length: Math.max(1, instance.frames) }, (_, frame) => ({ instance, frame })));
    this.slider = el("input", { id: "position", attributes: { type: "range", min: "0", max: String(this.steps.length - 1), step: "1" }, on: { input: () => this.go(Number(this.slider.value)) } });
    this.tones = { brightness: this.toneSlider("brightness"), contrast: this.toneSlider("contrast") };
    this.playing = button(texts.play, () => this.play());
    this.save = button(texts.savePicture, () => this.savePicture());
    this.listen();
    this.go(place.position);
  }

  content(): HTMLElement {
    const { page, place, steps } = this;
    const { texts } = page.language;
    const many = steps.length > 1;
    return el(
      "div",
      { class: "picture" },
      el("p", {}, el("a", { attributes: { href: "#" } }, texts.back)),
      heading(seriesName(place.series, page)),
      this.stage,
      el(
        "div",
        { class: "tools" },
        many && el("div", { class: "row" }, signButton("‹", texts.previous, () => this.step(-1)), this.slider, signButton("›", texts.next, () => this.step(1)), this.playing),
        el("p", {}, this.counter, many && ` · ${texts.keysHint}`),
        many && this.draggingChoice(),
        el("div", { class: "tones" }, el("label", {}, texts.brightness, this.tones.brightness), el("label", {}, texts.contrast, this.tones.contrast)),
        el("div", { class: "row" }, button(texts.asStored, () => this.tone(AS_STORED)), this.save),
      ),
    );
  }

  stop(): void {
    this.stopped = true;
    window.clearInterval(this.timer);
    document.removeEventListener("keydown", this.key);
  }

  private toneSlider(which: keyof Look): HTMLInputElement {
    const slider = el("input", { attributes: { type: "range", min: "-1", max: "1", step: "0.02" }, on: { input: () => this.tone({ ...this.place.look, [which]: Number(slider.value) }) } });
    slider.value = String(this.place.look[which]);
    return slider;
  }

  private draggingChoice(): HTMLElement {
    const { texts } = this.page.language;
    const option = (value: Place["dragging"], label: string) => {
      const radio = el("input", { attributes: { type: "radio", name: "dragging" }, on: { change: () => void (this.place.dragging = value) } });
      radio.checked = this.place.dragging === value;
      return el("label", { class: "choice" }, radio, label);
    };
    return el("fieldset", {}, el("legend", {}, texts.dragging), option("scroll", texts.dragScroll), option("tone", texts.dragTone));
  }

  private listen(): void {
    document.addEventListener("keydown", this.key);
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.step(Math.sign(event.deltaY));
    });
    this.stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.stage.setPointerCapture(event.pointerId);
      const from = { x: event.clientX, y: event.clientY, position: this.place.position, look: this.place.look };
      const move = ({ clientX, clientY }: PointerEvent) => {
        const [right, down] = [clientX - from.x, clientY - from.y];
        if (this.place.dragging === "tone" || this.steps.length === 1) {
          this.tone({ brightness: clamp(from.look.brightness - down / TONE_PIXELS), contrast: clamp(from.look.contrast + right / TONE_PIXELS) });
        } else {
          this.go(from.position + Math.trunc(down / PAGE_PIXELS));
        }
      };
      this.stage.addEventListener("pointermove", move);
      this.stage.addEventListener("lostpointercapture", () => this.stage.removeEventListener("pointermove", move), { once: true });
    });
  }

  private readonly key = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const elsewhere = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (step === undefined || elsewhere || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.step(step);
  };

  private play(): void {
    const { texts } = this.page.language;
    if (this.timer === undefined) {
      this.timer = window.setInterval(() => this.shown && this.go((this.place.position + 1) % this.steps.length), PLAY_MS);
    } else {
      window.clearInterval(this.timer);
      this.timer = undefined;
    }
    this.playing.replaceChildren(this.timer === undefined ? texts.play : texts.pause);
  }

  private step(by: number): void {
    this.go(this.place.position + by);
  }

  private tone(look: Look): void {
    this.place.look = look;
    this.tones.brightness.value = String(look.brightness);
    this.tones.contrast.value = String(look.contrast);
    if (this.onScreen) this.put(this.onScreen);
  }

  private go(position: number): void {
    const { page } = this;
    const { texts } = page.language;
    this.place.position = Math.min(Math.max(position, 0), this.steps.length - 1);
    const words = texts.imageOf(page.count(this.place.position + 1), page.count(this.steps.length));
    this.slider.value = String(this.place.position);
    this.slider.setAttribute("aria-label", texts.picture);
    this.slider.setAttribute("aria-valuetext", words);
    this.counter.replaceChildren(words);
    this.canvas.setAttribute("aria-label", words);
    void this.draw();
  }

  /** Whether what was asked for last is on the screen. */
  private shown = false;
  /** The picture that is. */
  private onScreen: { image: Image; frame: Frame } | undefined;

  private async draw(): Promise<void> {
    const turn = ++this.turn;
    const step = this.steps[this.place.position];
    const file = step && this.disc.index.files[step.instance.file];
    if (!step || !file) return;
    this.shown = false;
    const { texts } = this.page.language;
    // Not at once: what is at hand comes without a flicker.
    const late = window.setTimeout(() => turn === this.turn && this.blank(texts.loading), 150);
    try {
      const image = await this.pictures.get(file);
      if (step.frame >= image.frames) throw new CannotShow("cut");
      const frame = await image.frame(step.frame);
      if (turn === this.turn && !this.stopped) this.put({ image, frame });
    } catch (error) {
      if (turn === this.turn) this.blank(this.reason(error));
    } finally {
      window.clearTimeout(late);
    }
    if (turn !== this.turn || this.stopped) return;
    this.shown = true;
    this.readAhead();
  }

  private put(picture: { image: Image; frame: Frame }): void {
    this.onScreen = picture;
    paint(this.canvas, picture.image, picture.frame, this.place.look);
    this.canvas.hidden = false;
    this.save.disabled = false;
    this.note.replaceChildren();
  }

  /** Says in the picture's place why there is none. The last picture goes: it would be taken for this one. */
  private blank(words: string): void {
    this.onScreen = undefined;
    this.canvas.hidden = true;
    this.save.disabled = true;
    this.note.replaceChildren(words);
  }

  private reason(error: unknown): string {
    const { texts } = this.page.language;
    if (error instanceof CannotShow) return texts.cannotShow[error.reason];
    if (error instanceof BadPart) return texts.badPart[error.fault](this.page.count(error.part.number + 1), this.page.count(this.disc.partCount));
    if (error instanceof Malformed || error instanceof BadFile || error instanceof RangeError) return texts.cannotShow.cut;
    return texts.unexpected;
  }

  private readAhead(): void {
    const next = this.steps[this.place.position + 1];
    const file = next && this.disc.index.files[next.instance.file];
    if (file) this.pictures.get(file).catch(() => undefined);
  }

  private savePicture(): void {
    this.canvas.toBlob((blob) => blob && download(blob, `image-${this.place.position + 1}.png`), "image/png");
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, -1), 1);
}
