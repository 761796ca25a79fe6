/** The viewer on the page of a link: it takes the place of the pictures that the service draws, once it has one of its own. */

import { Decoders } from "./decoders";
import type { Series } from "./index";
import { kindIn, separateKinds } from "./kinds";
import { el, type Page } from "./page";
import { Pictures } from "./pictures";
import { entriesScreen, entryIn } from "./screens/entries";
import { pictureScreen, tableFor } from "./screens/picture";
import { Service } from "./service";
import { count, preferred } from "./texts";

/** What the page says of the place it keeps for the viewer. */
interface Offer {
  /** Where the resources of the service begin. */
  root: string;
  study: string;
  series: string;
  /** Where the study's series have their pages, by their numbers from 1. */
  pages: string;
  /** Which picture of the series is there, from 1; where it is not about pictures, which of the other instances. */
  image: string;
  /** "yes" where the page is about what is no picture. */
  apart?: string;
  style: string;
  decoders: string;
}

const place = document.querySelector<HTMLElement>("[data-viewer]");
// Where it does not come to that, the pictures of the service stay.
if (place) take(place, { ...place.dataset } as unknown as Offer).catch(() => undefined);

async function take(place: HTMLElement, offer: Offer): Promise<void> {
  const service = await Service.at(offer.root, offer.study);
  const listed = () => service.index.patients.flatMap(({ studies }) => studies).flatMap(({ series }) => series);
  const numbers = new Map(listed().map(({ uid }, place) => [uid, place + 1]));
  separateKinds(service.index);
  const shown = listed().filter((one) => one.uid === offer.series && isApart(one) === (offer.apart === "yes"));
  const [main] = shown;
  if (!main) return;
  const style = el("link", { attributes: { rel: "stylesheet", href: offer.style } });
  const styled = new Promise((resolve) => style.addEventListener("load", resolve, { once: true }));
  const host = el("div");
  const inside = host.attachShadow({ mode: "open" });
  const spoken = el("p", { class: "spoken", attributes: { role: "status" } });
  const language = preferred([document.documentElement.lang]);
  const page: Page = { language, count: (number) => count(language, number), say: (words) => spoken.replaceChildren(words), list: undefined, addressIn: (series, _, position) => `${offer.pages}/${numbers.get(series.uid)}${isApart(series) ? "/documents" : ""}?image=${position}` };
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
  const pictures = new Pictures(service, decoders.decode);
  // A series may hold videos beside pictures, reports beside documents: each kind is shown, and the page is about the first.
  for (const one of shown) {
    const kind = kindIn(one);
    const position = one === main && kind !== "video" ? Number(offer.image) - 1 : undefined;
    if (kind !== "picture") {
      content.append(entriesScreen(page, service, entryIn(one, position ?? 0), kind).content);
      continue;
    }
    const table = tableFor(one, position);
    const [first] = table.places;
    if (first && one === main) first.opening = opening?.src;
    content.append(pictureScreen(page, service, pictures, table).content);
  }
}

/** Whether the instances of a series have a page apart from pictures. Videos are films of pictures. */
function isApart(series: Series): boolean {
  return !["picture", "video"].includes(kindIn(series));
}
