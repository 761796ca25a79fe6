/** A series of what is no picture, one instance at a time: reports, documents, waveforms, videos. */

import type { DicomFile } from "../dicom";
import type { Holding } from "../holding";
import type { Series } from "../index";
import type { Kind } from "../kinds";
import { backLink, el, heading, type Page, type Screen, signButton } from "../page";
import { why } from "../why";
import { documentPart } from "./document";
import { seriesName } from "./list";
import { reportPart } from "./report";
import { videoPart } from "./video";
import { waveformPart } from "./waveform";

/** Which instance of a series the reader looks at. It outlives a change of language. */
export interface Entry {
  series: Series;
  /** Among the instances, from 0. */
  position: number;
}

/** What shows an instance, and what it lets go when it goes. */
export interface Part {
  content: HTMLElement;
  leave?: () => void;
}

const PARTS: Record<Exclude<Kind, "picture">, (page: Page, holding: Holding, file: DicomFile) => Part> = {
  report: reportPart,
  document: documentPart,
  waveform: waveformPart,
  video: videoPart,
};

export function entryIn(series: Series, position: number): Entry {
  return { series, position };
}

export function entriesScreen(page: Page, holding: Holding, entry: Entry, kind: keyof typeof PARTS): Screen {
  const entries = new Entries(page, holding, entry, kind);
  return { title: seriesName(entry.series, page), content: entries.content(), leave: () => entries.stop() };
}

class Entries {
  private readonly body = el("div", { class: "entry" });
  private readonly counter = el("output");
  private part: Part | undefined;
  /** Counts what was asked for: what comes late is not shown. */
  private turn = 0;

  constructor(
    private readonly page: Page,
    private readonly holding: Holding,
    private readonly entry: Entry,
    private readonly kind: keyof typeof PARTS,
  ) {
    this.go(entry.position);
  }

  content(): HTMLElement {
    const { page, entry } = this;
    const { texts } = page.language;
    const step = (by: number) => this.go(this.entry.position + by);
    return el(
      "div",
      {},
      backLink(page),
      // The page of a link says above what it is about.
      page.list !== undefined && heading(seriesName(entry.series, page)),
      entry.series.instances.length > 1 && el("div", { class: "row" }, signButton("‹", texts.previousEntry, () => step(-1)), this.counter, signButton("›", texts.nextEntry, () => step(1))),
      this.body,
    );
  }

  stop(): void {
    this.turn += 1;
    this.part?.leave?.();
    this.part = undefined;
  }

  private go(position: number): void {
    const { page, entry } = this;
    const { instances } = entry.series;
    entry.position = Math.min(Math.max(position, 0), instances.length - 1);
    this.counter.replaceChildren(page.language.texts.entryOf(page.count(entry.position + 1), page.count(instances.length)));
    void this.show();
  }

  private async show(): Promise<void> {
    this.stop();
    const { turn } = this;
    const instance = this.entry.series.instances[this.entry.position];
    if (!instance) return;
    this.body.replaceChildren(el("p", { attributes: { role: "status" } }, this.page.language.texts.loading));
    try {
      const read = await this.holding.file(instance);
      if (turn !== this.turn) return;
      this.part = PARTS[this.kind](this.page, this.holding, read);
      this.body.replaceChildren(this.part.content);
    } catch (error) {
      if (turn === this.turn) this.body.replaceChildren(el("p", { class: "warning", attributes: { role: "status" } }, why(this.page, error, () => this.page.language.texts.cannotRead)));
    }
  }
}
