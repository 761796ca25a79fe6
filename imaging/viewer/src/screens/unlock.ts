/** Asks for the opening code, and says what keeps a disc from being opened. */

import { understand } from "../code";
import { type Disc, LockedDisc } from "../disc";
import { UnknownForm } from "../head";
import { BadIndex } from "../index";
import { button, el, heading, type Page, type Screen } from "../page";
import { BadPart } from "../parts";
import { FolderSource, ScriptSource } from "../sources";
import type { Texts } from "../texts/en";

/** What outlives a change of language. */
export class Entry {
  typed = "";
  shown = false;
  disc: Promise<LockedDisc>;

  constructor(readonly opened: (disc: Disc) => void) {
    this.disc = LockedDisc.at(new ScriptSource());
    this.disc.catch(() => undefined);
  }
}

export function unlockScreen(page: Page, entry: Entry, redraw: () => void): Screen {
  const { texts } = page.language;
  const problem = el("div", { attributes: { role: "alert" } });
  const form = codeForm(page, entry, problem);
  const content = el("div", { class: "narrow" }, heading(texts.unlockHeading), el("p", {}, texts.unlockIntro), problem, form, withoutCode(texts, entry), folderChoice(texts, entry, redraw));
  entry.disc.catch((error: unknown) => {
    form.hidden = true;
    if (error instanceof BadPart && error.fault === "missing") {
      problem.replaceChildren(...warning(texts.noParts, texts.noPartsHelp));
      content.querySelector("details")?.setAttribute("open", "");
    } else {
      problem.replaceChildren(...warning(...troubleOf(error, texts)));
    }
  });
  return { title: texts.unlockHeading, content };
}

function warning(...lines: string[]): HTMLElement[] {
  return lines.map((line, index) => el("p", { class: index === 0 ? "warning" : "" }, line));
}

/** What is wrong and what helps. */
function troubleOf(error: unknown, texts: Texts): string[] {
  if (error instanceof UnknownForm) return [texts.unknownForm];
  if (error instanceof BadIndex) return [texts.badIndex.damaged, texts.badDiscHelp];
  if (!(error instanceof BadPart)) return [texts.unexpected];
  return [(error.part.stream === "H" ? texts.badHead : texts.badIndex)[error.fault], texts.badDiscHelp];
}

function codeForm(page: Page, entry: Entry, problem: HTMLElement): HTMLFormElement {
  const { texts } = page.language;
  const field = el("input", {
    id: "code",
    attributes: { type: entry.shown ? "text" : "password", "aria-describedby": "code-hint", autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false", dir: "ltr", required: "" },
    on: { input: () => void (entry.typed = field.value) },
  });
  field.value = entry.typed;
  const show = el("input", { attributes: { type: "checkbox" }, on: { change: () => void (field.type = (entry.shown = show.checked) ? "text" : "password") } });
  show.checked = entry.shown;
  const open = el("button", { class: "primary", attributes: { type: "submit" } }, texts.open);
  const wait = el("p", { class: "wait", attributes: { role: "status" } });
  const refuse = (...lines: string[]) => {
    problem.replaceChildren(...warning(...lines));
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const code = understand(field.value);
    if (code.kind === "incomplete") return refuse(texts.incompleteCode);
    if (code.kind === "slip") return refuse(texts.slipInGroup(page.count(code.group)));
    problem.replaceChildren();
    wait.replaceChildren(texts.opening);
    open.disabled = true;
    try {
      const disc = await (await entry.disc).open(code.normal);
      if (!disc) return refuse(texts.wrongCode);
      entry.typed = "";
      entry.opened(disc);
    } catch (error) {
      problem.replaceChildren(...warning(...troubleOf(error, texts)));
    } finally {
      wait.replaceChildren();
      open.disabled = false;
    }
  };
  return el(
    "form",
    { attributes: { novalidate: "" }, on: { submit: (event: SubmitEvent) => void submit(event) } },
    el("label", { attributes: { for: "code" } }, texts.code),
    el("p", { id: "code-hint", class: "hint" }, texts.codeHint),
    field,
    el("label", { class: "choice" }, show, texts.showCode),
    open,
    wait,
  );
}

/** Whom to ask for the code, and what to tell them. */
function withoutCode(texts: Texts, entry: Entry): HTMLElement {
  const details = el("details", { class: "without" }, el("summary", {}, texts.noCode), el("p", {}, texts.noCodeHelp));
  entry.disc.then(async (disc) => {
    const lines = await disc.contact();
    if (lines.length > 0) details.append(el("p", { class: "contact" }, ...lines.flatMap((line) => [el("bdi", {}, line), el("br")])));
    details.append(el("p", {}, texts.discName, " ", el("strong", { attributes: { dir: "ltr" } }, disc.name)));
  }, () => undefined);
  return details;
}

/** The same files by another way: for browsers that load no scripts from here, and faster ones for large discs. */
function folderChoice(texts: Texts, entry: Entry, redraw: () => void): HTMLElement {
  const picker = el("input", {
    attributes: { type: "file", webkitdirectory: "", hidden: "", "aria-label": texts.chooseFolder },
    on: {
      change: () => {
        entry.disc = LockedDisc.at(new FolderSource(picker.files ?? []));
        redraw();
      },
    },
  });
  return el("details", {}, el("summary", {}, texts.otherWay), el("p", {}, texts.noPartsHelp), button(texts.chooseFolder, () => picker.click()), picker);
}
