// A disc that the program made, in every browser: `node test/burnt.js FOLDER CODE_FILE EXPECTED`. `EXPECTED` is a JSON list
// of the SHA-256 of each instance that was put on it. Not a test by itself: tests/viewer.rs makes the disc.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { skipped } from "./support/peers.js";
import { unzipped } from "./support/unzip.js";

const ARCHIVE = "images-1-of-1.zip";
const FILE_SET = fileURLToPath(new URL("../../../tests/peers/file_set.py", import.meta.url));

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

/** Saves a study by itself: its own files, and a directory that pydicom finds each of them by. */
async function savedStudy(reader, downloads, number, all) {
  rmSync(join(downloads, ARCHIVE));
  await reader.page.evaluate((address) => (location.hash = address), `#save-${number}`);
  await reader.sees("Save this study");
  await reader.press("Save ZIP 1 of 1");
  await reader.sees("Done:", 120_000);
  const folder = mkdtempSync(join(tmpdir(), "study-"));
  writeFileSync(join(folder, "study.zip"), await download(downloads));
  execFileSync("bsdtar", ["-xf", join(folder, "study.zip"), "-C", folder]);
  const saved = unzipped(readFileSync(join(folder, "study.zip")));
  const files = Object.keys(saved).filter((path) => path.startsWith("DICOM/"));
  assert.ok(files.length > 0 && files.every((path) => saved[path] === all[path]), `study ${number} has files of its own`);
  assert.equal(new Set(files.map((path) => path.split("/").slice(0, 3).join("/"))).size, 1, "of one study");
  if (process.env.FILMROOM_TEST_PYTHON) {
    const read = JSON.parse(execFileSync(process.env.FILMROOM_TEST_PYTHON, [FILE_SET, folder], { encoding: "utf8" }));
    assert.deepEqual(read.files.map(({ file }) => file).sort(), files.sort(), `the directory of study ${number}`);
  }
  rmSync(folder, { recursive: true });
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
    const saved = unzipped(await download(session.downloads));
    const instances = Object.entries(saved).filter(([path]) => path.startsWith("DICOM/")).map(([, sum]) => sum);
    assert.deepEqual(instances.sort(), expected.sort(), "every instance as it came in, and no other");
    assert.ok("DICOMDIR" in saved, "with its directory");
    for (const study of [0, 1]) await savedStudy(reader, session.downloads, study, saved);
    assert.deepEqual(reader.errors, []);
    console.log(`${kind.name}: ${instances.length} instances; ${shown.filter((words) => words === "picture").length} of ${shown.length} series drawn`);
  } finally {
    await session.close();
  }
}
