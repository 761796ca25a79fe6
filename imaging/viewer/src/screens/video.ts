/** A video in the browser's own player; where that cannot play it, the stream as a file. */

import type { DicomFile } from "../dicom";
import { download } from "../download";
import type { Holding } from "../holding";
import { button, el, type Page } from "../page";
import { videoOf } from "../video";
import type { Part } from "./entries";

export function videoPart(page: Page, _holding: Holding, { dataSet, transferSyntax }: DicomFile): Part {
  const { texts } = page.language;
  const { type, extension, pieces } = videoOf(dataSet, transferSyntax);
  const blob = new Blob(pieces, { type });
  const url = URL.createObjectURL(blob);
  const note = el("p", { class: "note", attributes: { role: "status" } });
  const player = el("video", { attributes: { controls: "", playsinline: "", preload: "metadata", "aria-label": texts.kinds.video } });
  player.addEventListener("error", () => {
    player.hidden = true;
    note.replaceChildren(texts.video.cannotPlay);
  });
  player.src = url;
  return {
    content: el("div", {}, el("div", { class: "screening" }, player, note), el("div", { class: "row" }, button(texts.video.save, () => download(blob, `video.${extension}`)))),
    leave: () => {
      player.removeAttribute("src");
      URL.revokeObjectURL(url);
    },
  };
}
