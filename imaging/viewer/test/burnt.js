// A disc that the program made, in every browser: `node test/burnt.js FOLDER CODE_FILE EXPECTED`. `EXPECTED` is a JSON list
// of the SHA-256 of each instance that was put on it. Not a test by itself: tests/viewer.rs makes the disc.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { program, skipped } from "./support/peers.js";
import { unzipped } from "./support/unzip.js";

const ARCHIVE = "images-1-of-1.zip";
/** The first browser saves every study by itself, the others so many: what they do differently is how files are saved. */
const STUDIES_LATER = 6;
/** Other people's readers of what was saved. */
const peer = (script) => fileURLToPath(new URL(`../../../tests/peers/${script}`, import.meta.url));

const [folder, codeFile, expectedFile] = process.argv.slice(2);
const code = readFileSync(codeFile, "utf8").trim();
const expected = JSON.parse(readFileSync(expectedFile, "utf8"));

/** Opens each series, and says what is to be seen of it: a picture, a report or the like, or why there is nothing. */
async function shownSeries(reader, name) {
  const count = await reader.page.$$eval("ul.series a", (links) => links.length);
  const shown = [];
  for (let series = 0; series < count; series++) {
    await reader.page.evaluate((address) => (location.hash = address), `#series-${series}`);
    const settled = () => {
      const entry = document.querySelector(".entry");
      if (entry) return !entry.querySelector("[role=status]:not(.note)") ? "entry" : entry.querySelector(".warning")?.innerText;
      const canvas = document.querySelector(".stage canvas");
      const note = document.querySelector(".stage .note")?.innerText ?? "Loading";
      return canvas && (!canvas.hidden && canvas.style.transform ? "picture" : note !== "Loading" && note);
    };
    shown.push(await (await reader.page.waitForFunction(settled, { timeout: 120_000 })).jsonValue());
    const pictures = process.env.FILMROOM_TEST_PICTURES;
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      await reader.page.screenshot({ path: join(pictures, `burnt-${name}-${series}.png`) });
    }
    await reader.page.evaluate(() => (location.hash = ""));
    await reader.page.waitForSelector("ul.series a");
  }
  return shown;
}

/** Saves a study by itself: its own files, and a directory that pydicom finds by it what the disc's own directory lists of
 * them as of a study. Palettes belong to none, and so have no directory. */
async function savedStudy(reader, downloads, number, { saved: all, listed: listedOfAll }) {
  rmSync(join(downloads, ARCHIVE));
  // By way of the list: the page of the study before says the same words.
  await reader.page.evaluate(() => (location.hash = ""));
  await reader.page.waitForSelector("ul.series a");
  await reader.page.evaluate((address) => (location.hash = address), `#save-${number}`);
  await reader.sees("Save this study");
  await reader.press("Save ZIP 1 of 1");
  await reader.sees("Done:", 120_000);
  assert.equal(await reader.page.$("[role=status] .warning"), null, await reader.text());
  const { saved, listed } = readBack(await download(downloads));
  const files = Object.keys(saved).filter((path) => path.startsWith("DICOM/"));
  assert.ok(files.length > 0 && files.every((path) => saved[path] === all[path]), `study ${number} has files of its own`);
  assert.equal(new Set(files.map(studyOf)).size, 1, "of one study");
  assert.deepEqual(listed, listedOfAll.filter((path) => files.includes(path)), `the directory of study ${number}`);
}

/** The folder of a study's files: `DICOM/patient/study`. */
function studyOf(path) {
  return path.split("/").slice(0, 3).join("/");
}

/** What an archive holds, by path, and what pydicom finds by its directory. */
function readBack(archive) {
  const saved = unzipped(archive);
  if (!process.env.FILMROOM_TEST_PYTHON || !("DICOMDIR" in saved)) return { saved, listed: [] };
  const { files } = unpacked(archive, (folder) => told("file_set.py", folder));
  return { saved, listed: files.filter(({ study }) => study).map(({ file }) => file).sort() };
}

/** What a peer's script says of a folder. */
function told(script, folder) {
  return JSON.parse(execFileSync(process.env.FILMROOM_TEST_PYTHON, [peer(script), folder], { encoding: "utf8" }));
}

/** What `read` makes of an archive's files in a folder. */
function unpacked(archive, read) {
  const folder = mkdtempSync(join(tmpdir(), "saved-"));
  try {
    writeFileSync(join(folder, "saved.zip"), archive);
    execFileSync("bsdtar", ["-xf", join(folder, "saved.zip"), "-C", folder]);
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Another archive counts every instance that was saved, but those that came to the library without all of their UIDs. */
function orthancTakes(archive, instances) {
  if (!program("Orthanc")) return skipped("Orthanc is not installed");
  if (!process.env.FILMROOM_TEST_PYTHON) return;
  const { instances: taken, refused } = unpacked(archive, (folder) => told("orthanc.py", join(folder, "DICOM")));
  assert.ok(Object.values(refused).every(({ length }) => length > 0), JSON.stringify(refused));
  assert.equal(taken + Object.keys(refused).length, instances);
}

async function download(folder) {
  const file = join(folder, ARCHIVE);
  for (let tries = 0; tries < 300 && (!existsSync(file) || readdirSync(folder).length > 1); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  return readFileSync(file);
}

for (const kind of BROWSERS) {
  if (!kind.path) {
    skipped(`${kind.name} is not installed`);
    continue;
  }
  const session = await launch(kind);
  try {
    const reader = await openDisc(session.browser, folder);
    await reader.unlock(code);
    await reader.sees("The whole disc was checked. Nothing is damaged.", 120_000);
    const shown = await shownSeries(reader, kind.kind);
    assert.ok(!shown.some((words) => /damaged|missing|went wrong/.test(words)), shown.join("\n"));
    assert.ok(shown.includes("picture"), shown.join("\n"));
    await reader.press("Save all files");
    await reader.press("Save ZIP 1 of 1");
    await reader.sees("files saved and checked", 120_000);
    await reader.sees("Done:", 120_000);
    const archive = await download(session.downloads);
    const whole = readBack(archive);
    const { saved, listed } = whole;
    const instances = Object.entries(saved).filter(([path]) => path.startsWith("DICOM/")).map(([, sum]) => sum);
    assert.deepEqual(instances.sort(), expected.sort(), "every instance as it came in, and no other");
    assert.ok("DICOMDIR" in saved, "with its directory");
    if (kind === BROWSERS[0]) orthancTakes(archive, instances.length);
    assert.ok(!process.env.FILMROOM_TEST_PYTHON || listed.length > instances.length / 2, `${listed.length} of ${instances.length} files found by the directory`);
    const studies = new Set(Object.keys(saved).filter((path) => path.startsWith("DICOM/")).map(studyOf)).size;
    const each = kind === BROWSERS[0] ? studies : Math.min(studies, STUDIES_LATER);
    for (let study = 0; study < each; study++) await savedStudy(reader, session.downloads, study, whole);
    assert.deepEqual(reader.errors, []);
    console.log(`${kind.name}: ${instances.length} instances; ${shown.filter((words) => words === "picture").length} of ${shown.length} series drawn`);
  } finally {
    await session.close();
  }
}
