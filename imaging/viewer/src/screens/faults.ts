/** What is known of the disc's parts: how many were checked, which are bad, and what that costs. */

import type { Disc } from "../disc";
import { el, type Page } from "../page";

const MOST_LINES = 5;

/** A part of a screen that keeps up with the disc. */
export function faultsOf(page: Page, disc: Disc): HTMLElement {
  const faults = el("div", { class: "faults", attributes: { role: "status" } });
  const progress = el("p", { class: "facts" });
  let told = -1;
  const update = () => {
    progress.replaceChildren(progressWords(page, disc));
    if (disc.faults.size === told) return;
    told = disc.faults.size;
    faults.replaceChildren(...linesOf(page, disc));
  };
  disc.onChecked = update;
  update();
  return el("div", {}, faults, progress);
}

function progressWords(page: Page, disc: Disc): string {
  const { texts } = page.language;
  if (disc.checkedCount < disc.partCount) return texts.checking(page.count(disc.checkedCount), page.count(disc.partCount));
  return disc.faults.size === 0 ? texts.allWhole : texts.checking(page.count(disc.partCount), page.count(disc.partCount));
}

function linesOf(page: Page, disc: Disc): HTMLElement[] {
  const { texts } = page.language;
  if (disc.faults.size === 0) return [];
  const bad = Array.from(disc.faults).sort(([one], [other]) => one - other);
  const lines = bad.slice(0, MOST_LINES).map(([number, fault]) => texts.badPart[fault](page.count(number + 1), page.count(disc.partCount)));
  if (bad.length > MOST_LINES) lines.push(texts.moreBadParts(page.count(bad.length - MOST_LINES)));
  const lost = disc.lostFiles();
  const instances = disc.index.patients.flatMap((patient) => patient.studies).flatMap((study) => study.series).flatMap((series) => series.instances);
  const images = (some: typeof instances) => page.count(some.reduce((sum, instance) => sum + instance.frames, 0));
  lines.push(texts.lostImages(images(instances.filter((instance) => lost.has(instance.file))), images(instances)), texts.badDiscHelp);
  return [el("div", { class: "warning" }, ...lines.map((line) => el("p", {}, line)))];
}
