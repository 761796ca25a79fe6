/** An ECG or another waveform: each channel's curve, to be scrolled sideways. */

import type { DicomFile } from "../dicom";
import type { Holding } from "../holding";
import { el, type Page, signButton } from "../page";
import { CannotShow } from "../reasons";
import { isolated } from "../texts";
import { type Scale, type Span, scaleOf, trace } from "../tracing";
import { type Channel, type Group, groupsOf } from "../waveform";
import type { Part } from "./entries";

/** As much as is drawn at once, so that a day's recording needs no more memory. */
const SECONDS = 30;

export function waveformPart(page: Page, _holding: Holding, { dataSet }: DicomFile): Part {
  const { texts } = page.language;
  const groups = groupsOf(dataSet);
  if (groups.length === 0) throw new CannotShow("cut");
  const parts = groups.map((group, number) => {
    const label = group instanceof CannotShow ? "" : group.label;
    const name = label || texts.waveform.group(page.count(number + 1));
    const content = group instanceof CannotShow ? [el("p", { class: "warning" }, texts.cannotRead)] : new Tracing(page, group, name).content();
    return el("section", {}, el("h2", {}, el("bdi", {}, name)), ...content);
  });
  return { content: el("div", {}, el("p", { class: "hint" }, texts.waveform.paper), ...parts) };
}

/** A group's curves, a span of time after another. */
class Tracing {
  private readonly channels = el("div");
  private readonly counter = el("output", { attributes: { dir: "auto" } });
  private readonly samples: number;
  private from = 0;

  constructor(
    private readonly page: Page,
    private readonly group: Group,
    private readonly name: string,
  ) {
    this.samples = Math.max(1, Math.round(SECONDS * group.frequency));
    this.go(0);
  }

  content(): HTMLElement[] {
    const { texts } = this.page.language;
    const scroller = el("div", { class: "tracing", attributes: { dir: "ltr", tabindex: "0", role: "region", "aria-label": this.name } }, this.channels);
    if (this.group.samples <= this.samples) return [scroller];
    // Earlier is to the left of later, as in the curves.
    const row = el("div", { class: "row", attributes: { dir: "ltr" } }, signButton("‹", texts.waveform.earlier, () => this.go(this.from - this.samples)), this.counter, signButton("›", texts.waveform.later, () => this.go(this.from + this.samples)));
    return [row, scroller];
  }

  private go(from: number): void {
    const { page, group } = this;
    if (from < 0 || from >= group.samples) return;
    this.from = from;
    const span = { from, to: Math.min(from + this.samples, group.samples) };
    const [begin, end, all] = [span.from, span.to, group.samples].map((sample) => page.count(this.seconds(sample)));
    this.counter.replaceChildren(page.language.texts.waveform.seconds(begin ?? "", end ?? "", all ?? ""));
    this.channels.replaceChildren(...group.channels.map((channel, number) => this.channel(channel, number, span)));
  }

  private channel(channel: Channel, number: number, span: Span): HTMLElement {
    const { page } = this;
    const { waveform } = page.language.texts;
    const name = isolated(channel.name || waveform.channel(page.count(number + 1)));
    const scale = scaleOf(channel, span);
    if (!scale) return el("figure", {}, el("figcaption", {}, el("strong", {}, name), " ", el("bdi", {}, waveform.nothing)));
    const range = waveform.range(this.rounded(scale.least), this.rounded(scale.most), isolated(channel.unit));
    const canvas = el("canvas", { attributes: { role: "img", "aria-label": `${name}. ${range}` } });
    trace(canvas, this.group, channel, span, scale);
    return el("figure", {}, el("figcaption", {}, el("strong", {}, name), " ", el("bdi", {}, `${range}${this.height(channel, scale)}`)), canvas);
  }

  /** What the paper's own scale does not say. */
  private height({ unit }: Channel, { mmPerUnit }: Scale): string {
    if (unit !== "mV" || mmPerUnit === 10) return "";
    return ` · ${this.page.language.texts.waveform.smaller(this.rounded(mmPerUnit))}`;
  }

  private seconds(sample: number): number {
    return Number((sample / this.group.frequency).toFixed(1));
  }

  private rounded(value: number): string {
    return isolated(this.page.count(Number(value.toPrecision(3))));
  }
}
