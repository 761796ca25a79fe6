/** What is known of the disc's parts: how many were checked, which are bad, and what that costs. */

import type { Disc } from "../disc";
import type { Instance } from "../index";
import { el, type Page } from "../page";

const MOST_LINES = 5;

/** Parts of a screen that keep up with the disc. */
export interface CheckedParts {
  /** How far checking is, and what is amiss. */
  faults: HTMLElement;
  /** "Files here: 310 of 312". */
  here: HTMLElement;
}

export function checkedParts(page: Page, disc: Disc): CheckedParts {
  const faults = el("div", { class: "faults", attributes: { role: "status" } });
  const progress = el("p", { class: "facts" });
  const here = el("span");
  let told = -1;
  const update = () => {
    progress.replaceChildren(progressWords(page, disc));
    if (disc.faults.size === told) return;
    told = disc.faults.size;
    faults.replaceChildren(...linesOf(page, disc));
    here.replaceChildren(filesHere(page, disc));
  };
  disc.onChecked = update;
  update();
  return { faults: el("div", {}, faults, progress), here };
}

function instancesOf({ index }: Disc): Instance[] {
  return index.patients.flatMap(({ studies }) => studies).flatMap(({ series }) => series).flatMap(({ instances }) => instances);
}

function filesHere(page: Page, disc: Disc): string {
  const [lost, instances] = [disc.lostFiles(), instancesOf(disc)];
  const here = instances.filter(({ file }) => !lost.has(file));
  return page.language.texts.filesHere(page.count(here.length), page.count(instances.length));
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
  const instances = instancesOf(disc);
  const images = (some: typeof instances) => page.count(some.reduce((sum, instance) => sum + instance.frames, 0));
  lines.push(texts.lostImages(images(instances.filter((instance) => lost.has(instance.file))), images(instances)), texts.badDiscHelp);
  return [el("div", { class: "warning" }, ...lines.map((line) => el("p", {}, line)))];
}
