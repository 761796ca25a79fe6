/** Saves everything, or a study, unsealed, for the next hospital. */

import type { Disc } from "../disc";
import { download } from "../download";
import type { StoredFile, Study } from "../index";
import { backLink, button, el, heading, type Page, type Screen } from "../page";
import { ARCHIVE_BYTES, DIRECTORY, filesOfStudy, type Saved, saveAsZip, saveToFolder, type Work } from "../save";
import { dateInWords, size } from "../texts";
import { archives, overhead } from "../zip";

/** More names than this help nobody. */
const MOST_NAMES = 20;

type Save = (work: Omit<Work, "files" | "made">) => Promise<{ saved: Saved; where: string }>;

/** Which files are saved; of them, what is made for it. */
type Chosen = Pick<Work, "files" | "made">;

/** Of everything, or of one study. */
export function saveScreen(page: Page, disc: Disc, study?: Study): Screen {
  const { texts } = page.language;
  const saving = new Saving(page, disc);
  const title = study ? texts.saveStudy : texts.saveHeading;
  const ways = el("div");
  const chosen = study ? filesOfStudy(disc, study) : Promise.resolve<Chosen>({ files: disc.index.files });
  chosen.then(
    (chosen) => ways.replaceChildren(...saving.buttons(chosen)),
    () => ways.replaceChildren(el("p", { class: "warning" }, texts.unexpected)),
  );
  const content = el(
    "div",
    { class: "narrow" },
    backLink(page),
    heading(title),
    study && el("p", { class: "facts" }, el("bdi", {}, study.description), study.date && ` · ${dateInWords(page.language, study.date)}`),
    el("p", {}, texts.saveIntro),
    el("p", { class: "warning" }, texts.savedAreOpen),
    ways,
    saving.outcome,
  );
  return { title, content, leave: () => saving.stop() };
}

function bytesOf(files: readonly StoredFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

class Saving {
  readonly outcome = el("div", { attributes: { role: "status" } });
  private readonly starters: HTMLButtonElement[] = [];
  private stopper: AbortController | undefined;

  constructor(
    private readonly page: Page,
    private readonly disc: Disc,
  ) {}

  /** A folder where the browser can; ZIP archives everywhere. */
  buttons({ files, made }: Chosen): HTMLElement[] {
    const { texts } = this.page.language;
    const folder = "showDirectoryPicker" in window ? [this.starter(texts.saveFolder, "primary", files, (work) => this.intoFolder({ ...work, files, made }))] : [];
    const fits = (file: StoredFile) => file.bytes + overhead(file.path) < ARCHIVE_BYTES;
    const zips = archives(files.filter(fits), ARCHIVE_BYTES);
    const zipButtons = zips.map((members, index) => {
      const label = texts.saveZip(this.page.count(index + 1), this.page.count(zips.length), size(this.page.language, bytesOf(members)));
      return this.starter(label, folder.length > 0 ? "" : "primary", members, (work) => this.asZip({ ...work, files: members, made }, `images-${index + 1}-of-${zips.length}.zip`));
    });
    const tooLarge = files.filter((file) => !fits(file)).map((file) => el("p", {}, texts.tooLargeForZip(file.path)));
    const directory = files.some(({ path }) => path === DIRECTORY) ? [el("p", {}, texts.saveIsWhole)] : [];
    return [...directory, ...folder, ...zipButtons, ...(zips.length > 1 ? [el("p", {}, texts.saveZipIntro)] : []), ...tooLarge].map((part) => el("div", { class: "way" }, part));
  }

  stop(): void {
    this.stopper?.abort();
  }

  private starter(label: string, kind: string, files: readonly StoredFile[], save: Save): HTMLButtonElement {
    const starter = button(label, () => void this.run(files, save), kind);
    this.starters.push(starter);
    return starter;
  }

  private async intoFolder(work: Work): Promise<{ saved: Saved; where: string }> {
    const parent = await window.showDirectoryPicker({ mode: "readwrite" });
    const { saved, name } = await saveToFolder(work, parent);
    return { saved, where: this.page.language.texts.savedInto(name) };
  }

  private async asZip(work: Work, name: string): Promise<{ saved: Saved; where: string }> {
    const { saved, archive } = await saveAsZip(work);
    download(archive, name);
    return { saved, where: this.page.language.texts.savedZip };
  }

  private async run(files: readonly StoredFile[], save: Save): Promise<void> {
    const { texts } = this.page.language;
    this.stopper = new AbortController();
    const { signal } = this.stopper;
    for (const starter of this.starters) starter.disabled = true;
    try {
      const { saved, where } = await save({ disc: this.disc, signal, report: (saved) => this.progress(saved, files) });
      this.finished(saved, where);
    } catch (error) {
      const stopped = error instanceof DOMException && error.name === "AbortError";
      this.outcome.replaceChildren(el("p", { class: "warning" }, stopped ? texts.stopped : texts.cannotWrite));
    } finally {
      for (const starter of this.starters) starter.disabled = false;
    }
  }

  private progress({ files, bytes, lost }: Saved, all: readonly StoredFile[]): void {
    const { page } = this;
    const { texts } = page.language;
    let [bar, words] = [this.outcome.querySelector("progress"), this.outcome.querySelector("p")];
    if (!bar || !words) {
      bar = el("progress", { attributes: { max: String(bytesOf(all)), "aria-label": texts.saveHeading } });
      words = el("p");
      this.outcome.replaceChildren(bar, words, button(texts.stop, () => this.stop()));
    }
    bar.value = bytes;
    words.replaceChildren(texts.saving(page.count(files + lost.length), page.count(all.length)));
  }

  private finished({ files, lost }: Saved, where: string): void {
    const { page } = this;
    const { texts } = page.language;
    const names = lost.slice(0, MOST_NAMES).map((path) => el("li", {}, el("bdi", {}, path)));
    const missing = lost.length > 0 ? [el("p", { class: "warning" }, texts.lostFiles(page.count(lost.length))), el("ul", {}, ...names)] : [];
    this.outcome.replaceChildren(...missing, el("p", { class: "done" }, `${texts.savedAll(page.count(files))} ${where}`));
  }
}
