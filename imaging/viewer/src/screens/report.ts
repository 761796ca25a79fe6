/** A report in words: its title, who stands for it, and its content as headings and lines. */

import type { DicomFile } from "../dicom";
import type { Holding } from "../holding";
import { el, type Page } from "../page";
import { type Item, type Reference, type Report, reportOf, type Value, type Verifier } from "../report";
import { dateInWords, isolated, momentInWords, spokenName, timeInWords } from "../texts";
import type { Part } from "./entries";
import { seriesName, seriesOf } from "./list";

/** The heading of a report stands below the screen's own; browsers know six. */
const FIRST_LEVEL = 2;
const LAST_LEVEL = 6;

export function reportPart(page: Page, holding: Holding, { dataSet }: DicomFile): Part {
  const report = reportOf(dataSet);
  const words = new Words(page, holding, report);
  return { content: el("article", { class: "report" }, ...words.head(), ...words.items(report.root.items, FIRST_LEVEL + 1)) };
}

class Words {
  constructor(
    private readonly page: Page,
    private readonly holding: Holding,
    private readonly report: Report,
  ) {}

  head(): HTMLElement[] {
    const { page, report } = this;
    const { texts } = page.language;
    const facts = [
      report.date && texts.report.written(isolated(dateInWords(page.language, report.date))),
      report.completion && texts.report[report.completion],
      report.verification && texts.report[report.verification],
    ].filter((fact) => fact);
    return [
      el("h2", {}, el("bdi", {}, report.root.concept || texts.kinds.SR)),
      el("p", { class: "facts" }, facts.join(" · ")),
      ...report.verifiers.map((verifier) => el("p", { class: "facts" }, texts.report.verifiedBy(this.verifier(verifier)))),
    ];
  }

  private verifier({ name, organization, when }: Verifier): string {
    const parts = [spokenName(name), organization, when && momentInWords(this.page.language, when)];
    return parts.filter((part) => part).map((part) => isolated(part)).join(", ");
  }

  items(items: readonly Item[], level: number): HTMLElement[] {
    return items.map((item) => (item.value.kind === "container" ? this.container(item, level) : this.line(item, level)));
  }

  /** A container without a name of its own is no heading. */
  private container({ concept, items }: Item, level: number): HTMLElement {
    if (!concept) return el("div", {}, ...this.items(items, level));
    const heading = el(`h${Math.min(level, LAST_LEVEL) as 3 | 4 | 5 | 6}`, {}, el("bdi", {}, concept));
    return el("section", {}, heading, ...this.items(items, level + 1));
  }

  private line({ concept, value, items }: Item, level: number): HTMLElement {
    const name = concept ? [el("span", { class: "concept" }, el("bdi", {}, concept), ": ")] : [];
    const line = el("p", { class: "words" }, ...name, ...this.value(value));
    return items.length === 0 ? line : el("div", {}, line, el("div", { class: "inside" }, ...this.items(items, level)));
  }

  private value(value: Value): (Node | string)[] {
    const { language } = this.page;
    const { report } = language.texts;
    switch (value.kind) {
      case "text":
        return [el("bdi", {}, value.text || "–")];
      case "name":
        return [el("bdi", {}, spokenName(value.text) || "–")];
      case "number":
        return [el("bdi", {}, [value.number || "–", value.unit].join(" ").trim())];
      case "date":
        return [dateInWords(language, value.text)];
      case "time":
        return [timeInWords(language, value.text)];
      case "dateTime":
        return [momentInWords(language, value.text)];
      case "references":
        return value.references.flatMap((reference, number) => (number > 0 ? ["; ", this.reference(reference)] : [this.reference(reference)]));
      case "item":
        return this.itemAt(value.path);
      case "place":
        return [report.place];
      case "container":
      case "unknown":
        return [report.unknown];
    }
  }

  /** Where the reader finds it: a link, if it is on this disc. */
  private reference({ kind, uid, frames }: Reference): Node | string {
    const { page, holding } = this;
    const { report } = page.language.texts;
    const all = seriesOf(holding);
    const address = all.findIndex(({ instances }) => instances.some((instance) => instance.uid === uid));
    const series = all[address];
    if (!series) return kind === "image" ? report.imageElsewhere : report.elsewhere;
    const name = isolated(seriesName(series, page));
    const place = series.instances.findIndex((instance) => instance.uid === uid);
    const before = series.instances.slice(0, place).reduce((sum, instance) => sum + Math.max(1, instance.frames), 0);
    const [frame = 1] = frames;
    const position = kind === "image" ? before + Math.min(frame, Math.max(1, series.instances[place]?.frames ?? 1)) : place + 1;
    return el("a", { attributes: { href: page.addressIn(series, address, position) } }, kind === "image" ? report.image(page.count(position), name) : name);
  }

  /** Another item, by what it says: numbers in a path count from 1, and the first is the whole report's (PS3.3 section C.17.3.2.5). */
  private itemAt(path: readonly number[]): (Node | string)[] {
    const { report } = this.page.language.texts;
    const item = path.slice(1).reduce<Item | undefined>((found, number) => found?.items[number - 1], this.report.root);
    if (!item || item.value.kind === "item") return [report.unknown];
    if (item.value.kind === "container") return [report.see, " ", el("bdi", {}, item.concept || "–")];
    return [report.see, " ", ...(item.concept ? [el("bdi", {}, item.concept), ": "] : []), ...this.value(item.value)];
  }
}
