/** The viewer on the page of a link: it takes the place of the pictures that the service draws, once it has one of its own. */

import { Decoders } from "./decoders";
import { kindIn, separateKinds } from "./kinds";
import { el, type Page } from "./page";
import { Pictures } from "./pictures";
import { pictureScreen, tableFor } from "./screens/picture";
import { Service } from "./service";
import { count, preferred } from "./texts";

/** What the page says of the place it keeps for the viewer. */
interface Offer {
  /** Where the resources of the service begin. */
  root: string;
  study: string;
  series: string;
  /** Which picture of the series is there, from 1. */
  image: string;
  style: string;
  decoders: string;
}

const place = document.querySelector<HTMLElement>("[data-viewer]");
// Where it does not come to that, the pictures of the service stay.
if (place) take(place, { ...place.dataset } as unknown as Offer).catch(() => undefined);

async function take(place: HTMLElement, offer: Offer): Promise<void> {
  const service = await Service.at(offer.root, offer.study);
  separateKinds(service.index);
  const series = service.index.patients.flatMap(({ studies }) => studies).flatMap(({ series }) => series);
  const shown = series.find((one) => one.uid === offer.series && kindIn(one) === "picture");
  if (!shown) return;
  const style = el("link", { attributes: { rel: "stylesheet", href: offer.style } });
  const styled = new Promise((resolve) => style.addEventListener("load", resolve, { once: true }));
  const host = el("div");
  const inside = host.attachShadow({ mode: "open" });
  const spoken = el("p", { class: "spoken", attributes: { role: "status" } });
  const language = preferred([document.documentElement.lang]);
  const page: Page = { language, count: (number) => count(language, number), say: (words) => spoken.replaceChildren(words), list: undefined };
  inside.append(style);
  host.hidden = true;
  place.before(host);
  await styled;
  const opening = place.querySelector("img");
  if (opening) await opening.decode().catch(() => undefined);
  const content = el("div", { class: "online", attributes: { dir: language.direction } });
  inside.append(content, spoken);
  host.hidden = false;
  place.remove();
  const decoders = new Decoders(() => new Worker(offer.decoders), Math.min(2, navigator.hardwareConcurrency - 1 || 1));
  const table = tableFor(shown, Number(offer.image) - 1);
  const [first] = table.places;
  if (first) first.opening = opening?.src;
  content.append(pictureScreen(page, service, new Pictures(service, decoders.decode), table).content);
}
