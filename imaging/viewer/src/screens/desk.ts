/** Half a page for the imaging desk of another hospital, to print or to show: what is here, and how it gets in there. It is in English. */

import type { Disc } from "../disc";
import type { Patient, Study } from "../index";
import { backLink, button, el, type Page, type Screen } from "../page";
import { dateInWords, ENGLISH, spokenName } from "../texts";

const STEPS = [
  "Open INDEX.HTM on the disc, type the opening code, and choose “Save all files”. Chrome and Edge save into a folder; other browsers save ZIP files to unpack into one folder.",
  "Import the DICOMDIR in that folder with your PACS, or send the files under DICOM/ to it. They are the original instances, in the transfer syntaxes they were kept in; each is checked against its SHA-256 while it is saved.",
  "The saved files are not encrypted. Delete them when they are imported.",
];

export function deskScreen(page: Page, disc: Disc): Screen {
  const { texts } = page.language;
  const { patients, number, of, made_on } = disc.index;
  const contact = el("p", {});
  void disc.contact().then((lines) => lines.length > 0 && contact.append("Questions: ", ...lines.flatMap((line, index) => [index > 0 && ", ", el("bdi", {}, line)]).filter((part) => part !== false)));
  const sheet = el(
    "div",
    { class: "sheet", attributes: { lang: "en", dir: "ltr" } },
    el("h1", { attributes: { tabindex: "-1" } }, "For the imaging desk"),
    el("p", {}, `DICOM images released on ${isoDate(made_on)}, sealed on ${of > 1 ? `disc ${number} of ${of}` : "one disc"}.`),
    ...patients.map(patientPart),
    el("ol", {}, ...STEPS.map((step) => el("li", {}, step))),
    contact,
  );
  const content = el("div", {}, backLink(page), sheet, el("p", { class: "unprinted" }, button(texts.print, () => window.print())));
  return { title: "For the imaging desk", content };
}

function patientPart(patient: Patient): HTMLElement {
  const facts = [patient.id && `ID ${patient.id}`, patient.birth_date && `born ${dateInWords(ENGLISH, patient.birth_date)}`].filter((fact) => fact !== "");
  const heads = ["Date", "Study", "Modality", "Accession", "Series", "Instances"].map((name) => el("th", { attributes: { scope: "col" } }, name));
  return el(
    "section",
    {},
    el("h2", {}, el("bdi", {}, spokenName(patient.name) || "No name"), facts.length > 0 && ` (${facts.join(", ")})`),
    el("div", { class: "wide", attributes: { tabindex: "0", role: "group", "aria-label": "Studies" } }, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...patient.studies.map(studyRow)))),
  );
}

function studyRow(study: Study): HTMLElement {
  const modalities = Array.from(new Set(study.series.map(({ modality }) => modality))).join(", ");
  const instances = study.series.reduce((sum, { instances }) => sum + instances.length, 0);
  const cells = [dateInWords(ENGLISH, study.date), study.description, modalities, study.accession, String(study.series.length), String(instances)];
  return el("tr", {}, ...cells.map((cell) => el("td", {}, el("bdi", {}, cell))));
}

/** `2026-11-27` in words. */
function isoDate(date: string): string {
  return dateInWords(ENGLISH, date.replaceAll("-", ""));
}
