/** The page that opens a sealed disc. Which screen shows is in the address after `#`, so that a browser's own way back works. */

import workerScript from "script:./worker";
import { Decoders } from "./decoders";
import type { Disc } from "./disc";
import { separateKinds } from "./kinds";
import { Frame, type Page, type Screen } from "./page";
import { Pictures } from "./pictures";
import { deskScreen } from "./screens/desk";
import { checkedParts } from "./screens/faults";
import { listScreen, seriesOf, studiesOf } from "./screens/list";
import { saveScreen } from "./screens/save";
import { seriesScreen } from "./screens/series";
import { Entry, unlockScreen } from "./screens/unlock";

const frame = new Frame();
const worker = URL.createObjectURL(new Blob([workerScript], { type: "text/javascript" }));
// One processor is left to the page.
const decoders = new Decoders(() => new Worker(worker), Math.min(2, navigator.hardwareConcurrency - 1 || 1));

function locked(): void {
  const entry = new Entry(opened);
  const show = () => frame.show((page) => unlockScreen(page, entry, show));
  show();
}

function opened(disc: Disc): void {
  const pictures = new Pictures(disc, decoders.decode);
  separateKinds(disc.index);
  const screenAt = (address: string): ((page: Page) => Screen) => {
    const [, number, position] = /^#series-(\d+)(?:-(\d+))?$/.exec(address) ?? [];
    const series = seriesOf(disc)[Number(number)];
    if (series) return seriesScreen(disc, pictures, series, position === undefined ? undefined : Number(position) - 1);
    if (address === "#desk") return (page) => deskScreen(page, disc);
    if (address === "#save") return (page) => saveScreen(page, disc);
    const study = studiesOf(disc)[Number(/^#save-(\d+)$/.exec(address)?.[1] ?? NaN)];
    if (study) return (page) => saveScreen(page, disc, study);
    return (page) => listScreen(page, disc, pictures, checkedParts(page, disc));
  };
  window.addEventListener("hashchange", () => frame.show(screenAt(location.hash)));
  frame.show(screenAt(location.hash));
  void disc.checkAll();
}

locked();
