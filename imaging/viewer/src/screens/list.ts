/** What is on the disc: patients, studies and series, each series with a picture where there is one. */

import type { Disc } from "../disc";
import type { Holding } from "../holding";
import type { OtherDisc, Patient, Series, Study } from "../index";
import { kindIn } from "../kinds";
import { el, heading, type Page, type Screen } from "../page";
import type { Pictures } from "../pictures";
import { dateInWords, isolated, spokenName } from "../texts";
import type { Texts } from "../texts/en";
import { AS_STORED, paint } from "../tone";
import type { CheckedParts } from "./faults";

/** All studies in the order of the list; where one is saved is its place in here. */
export function studiesOf({ index }: Holding): Study[] {
  return index.patients.flatMap(({ studies }) => studies);
}

/** All series in the order of the list; a series' address is its place in here. */
export function seriesOf(holding: Holding): Series[] {
  return studiesOf(holding).flatMap(({ series }) => series);
}

/** Images as people count them: what has pixels, and is no film. */
export function imagesIn(series: readonly Series[]): number {
  return series.filter((one) => kindIn(one) === "picture").flatMap((one) => one.instances).reduce((sum, instance) => sum + instance.frames, 0);
}

export function listScreen(page: Page, disc: Disc, pictures: Pictures, checked: CheckedParts): Screen {
  const { texts } = page.language;
  const thumbnails = new Thumbnails(pictures);
  const all = seriesOf(disc);
  const studies = studiesOf(disc);
  const parts: StudyParts = {
    card: (series) => seriesCard(page, series, all.indexOf(series), thumbnails),
    // All of one study is all there is.
    save: (study) => studies.length > 1 && el("p", {}, el("a", { attributes: { href: `#save-${studies.indexOf(study)}` } }, texts.saveStudy)),
  };
  const patients = disc.index.patients.map((patient) => patientPart(page, patient, parts));
  const { of } = disc.index;
  const content = el(
    "div",
    {},
    heading(texts.listHeading),
    of > 1 && setPart(page, disc, checked.here),
    checked.faults,
    el("p", {}, el("a", { class: "action", attributes: { href: "#save" } }, texts.saveAll), el("a", { class: "beside", attributes: { href: "#desk" } }, texts.forTheDesk)),
    ...(patients.length > 0 ? patients : [el("p", {}, texts.nothing)]),
  );
  return { title: texts.listHeading, content, leave: () => thumbnails.stop() };
}

/** Which disc of its set this is, how much of it is here, and what is on the others. */
function setPart(page: Page, disc: Disc, here: HTMLElement): HTMLElement {
  const { texts } = page.language;
  const { number, of, others } = disc.index;
  const lines = others.flatMap((other) => other.studies.map((study) => el("li", {}, otherStudy(page, other.number, study))));
  return el(
    "section",
    { class: "set" },
    el("p", {}, el("strong", {}, texts.discOf(page.count(number), page.count(of))), " · ", here),
    lines.length > 0 && el("details", {}, el("summary", {}, texts.onOtherDiscs), el("ul", {}, ...lines)),
  );
}

function otherStudy(page: Page, number: number, { date, description, modalities, instances }: OtherDisc["studies"][number]): string {
  const { texts } = page.language;
  const name = description ? isolated(description) : modalities.map((modality) => texts.kinds[KINDS[modality] ?? "other"]).join(", ");
  const facts = [name, date && dateInWords(page.language, date), texts.files(page.count(instances))].filter((fact) => fact !== "");
  return `${texts.discNumber(page.count(number))}: ${facts.join(" · ")}`;
}

/** What the list of a study has besides words. */
interface StudyParts {
  card(series: Series): HTMLElement;
  save(study: Study): HTMLElement | false;
}

function patientPart(page: Page, patient: Patient, parts: StudyParts): HTMLElement {
  const { texts } = page.language;
  const facts = [
    patient.birth_date && texts.born(dateInWords(page.language, patient.birth_date)),
    patient.id && texts.patientNumber(isolated(patient.id)),
  ].filter((fact) => fact !== "");
  return el(
    "section",
    { class: "patient" },
    el("h2", {}, el("bdi", {}, spokenName(patient.name) || texts.noName)),
    el("p", { class: "facts" }, facts.join(" · ")),
    ...patient.studies.map((study) => studyPart(page, study, parts)),
  );
}

function studyPart(page: Page, study: Study, { card, save }: StudyParts): HTMLElement {
  const { texts } = page.language;
  const kinds = new Set(study.series.map((series) => kindOf(series, texts)));
  const date = study.date ? dateInWords(page.language, study.date) : texts.noDate;
  const facts = [date, texts.series(page.count(study.series.length)), texts.images(page.count(imagesIn(study.series)))];
  return el(
    "section",
    { class: "study" },
    el("h3", {}, el("bdi", {}, study.description || Array.from(kinds).join(", "))),
    el("p", { class: "facts" }, facts.join(" · ")),
    el("ul", { class: "series" }, ...study.series.map((series) => el("li", {}, card(series)))),
    save(study),
  );
}

function seriesCard(page: Page, series: Series, address: number, thumbnails: Thumbnails): HTMLElement {
  const { texts } = page.language;
  const picture = el("span", { class: "thumbnail", attributes: { "aria-hidden": "true" } }, el("span", {}, series.modality));
  if (kindIn(series) === "picture") thumbnails.want(picture, series);
  const images = imagesIn([series]);
  const facts = [kindOf(series, texts), ...(images > 0 ? [texts.images(page.count(images))] : [])];
  return el(
    "a",
    { attributes: { href: `#series-${address}` } },
    picture,
    el("span", { class: "label" }, el("bdi", {}, seriesName(series, page)), el("span", { class: "facts" }, facts.join(" · "))),
  );
}

export function seriesName(series: Series, page: Page): string {
  return series.description || page.language.texts.seriesNumber(series.number || "–");
}

/** What modalities are called. */
const KINDS: Record<string, keyof Texts["kinds"]> = { CT: "CT", MR: "MR", US: "US", IVUS: "US", CR: "XR", DX: "XR", RG: "XR", PX: "XR", MG: "MG", XA: "XA", RF: "XA", NM: "NM", PT: "PT", SR: "SR", PR: "PR", KO: "PR" };

/** What a series is, in words. */
function kindOf(series: Series, texts: Texts): string {
  switch (kindIn(series)) {
    case "video":
      return texts.kinds.video;
    case "document":
      return texts.kinds.document;
    case "waveform":
      return series.modality === "ECG" ? texts.kinds.ECG : texts.kinds.waveform;
    case "report":
      return texts.kinds[KINDS[series.modality] ?? "SR"];
    case "picture":
      return texts.kinds[KINDS[series.modality] ?? "other"];
  }
}

/** Draws pictures one after another, as they come into sight. */
class Thumbnails {
  private readonly wanted = new Map<Element, Series>();
  private stopped = false;
  private last: Promise<void> = Promise.resolve();
  private readonly watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const series = isIntersecting && this.wanted.get(target);
      if (!series) continue;
      this.watcher.unobserve(target);
      this.last = this.last.then(() => this.draw(target, series)).catch(() => undefined);
    }
  });

  constructor(private readonly pictures: Pictures) {}

  want(place: Element, series: Series): void {
    this.wanted.set(place, series);
    this.watcher.observe(place);
  }

  stop(): void {
    this.stopped = true;
    this.watcher.disconnect();
  }

  private async draw(place: Element, series: Series): Promise<void> {
    const instance = series.instances[series.instances.length >> 1];
    if (this.stopped || !instance) return;
    const { image, frame } = await this.pictures.at(instance, instance.frames >> 1);
    const canvas = el("canvas");
    paint(canvas, image, frame, AS_STORED);
    if (!this.stopped) place.replaceChildren(canvas);
  }
}
