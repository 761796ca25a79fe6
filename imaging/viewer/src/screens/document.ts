/** A document that travels in a DICOM file: opened by the browser where it can, saved by everyone. */

import type { DicomFile } from "../dicom";
import { documentOf } from "../document";
import { download } from "../download";
import type { Holding } from "../holding";
import { button, el, type Page } from "../page";
import type { Part } from "./entries";

export function documentPart(page: Page, _holding: Holding, { dataSet }: DicomFile): Part {
  const { texts } = page.language;
  const { title, extension, pdf, bytes } = documentOf(dataSet);
  const save = button(texts.document.save, () => download(new Blob([bytes]), `document.${extension}`));
  const name = title ? [el("h2", {}, el("bdi", {}, title))] : [];
  if (!pdf) return { content: el("div", { class: "narrow" }, ...name, el("p", {}, texts.document.cannotOpen), el("div", { class: "row" }, save)) };
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/pdf" }));
  let opened = false;
  const open = el("a", { class: "action", attributes: { href: url, target: "_blank", rel: "noopener" }, on: { click: () => void (opened = true) } }, texts.document.open);
  return {
    content: el("div", { class: "narrow" }, ...name, el("p", {}, texts.document.opensInTab), el("div", { class: "row" }, open, save)),
    // The other tab may ask for it again, to print or save it.
    leave: () => opened || URL.revokeObjectURL(url),
  };
}
