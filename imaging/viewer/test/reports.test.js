// What is no picture, in real browsers: reports, documents, waveforms and videos on a disc of their own.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, downloaded, launch, openDisc } from "./support/browser.js";
import { WORDS, writeDisc } from "./support/disc.js";
import { clipIn, documentFiles, MARKUP, MPEG2_STREAM, pdf, STL } from "./support/documents.js";
import { overhang, portrait, violations } from "./support/look.js";
import { modules } from "./support/modules.js";
import { corpus, skipped } from "./support/peers.js";

const { LANGUAGES } = await modules("texts");
const clip = clipIn(corpus());
const scratch = mkdtempSync(join(tmpdir(), "discs-"));
writeDisc(scratch, documentFiles(clip));
after(() => rmSync(scratch, { recursive: true }));

const noClip = clip ? false : skipped("no test files; set FILMROOM_CORPUS");

for (const kind of BROWSERS) {
  describe(`in ${kind.name}`, { skip: kind.path ? false : skipped(`${kind.name} is not installed`) }, () => {
    let session;
    before(async () => (session = await launch(kind)));
    after(() => session?.close());

    /** The disc, opened, with a series on the screen. */
    async function at(series) {
      const reader = await openDisc(session.browser, scratch);
      await reader.unlock(WORDS);
      await reader.press(series);
      return reader;
    }

    async function left(reader) {
      assert.deepEqual(reader.errors, []);
      await reader.page.close();
    }

    test("a report is read, leads to the image it speaks of, and what is cut says so", async () => {
      const reader = await at("Findings of the day");
      for (const words of ["Jörg Riesmeier", "St. Märy", "Chest CT report", "Complete · Verified", "Eva Müller", MARKUP, "12.5 mm", "Nodules: 0", "October 12, 2026", "καλά", "a marked place", "Compared with: something that is not on this disc", "See: Diameter: 12.5 mm", "Values: This page cannot show this entry."]) {
        await reader.sees(words);
      }
      const headings = await reader.page.$$eval("h1, h2, h3, h4", (all) => all.map(({ tagName, innerText }) => `${tagName} ${innerText}`));
      assert.deepEqual(headings, ["H1 Findings of the day", "H2 Chest CT report", "H3 Findings", "H4 Times"]);
      await reader.press("Next");
      await reader.sees("Of Interest");
      await reader.sees("an image that is not on this disc");
      await reader.press("Next");
      await reader.sees("This page cannot show this");
      await reader.press("Previous");
      await reader.press("Image 2 of");
      await reader.sees("Image 2 of 2");
      await reader.picture(1);
      await left(reader);
    });

    test("a PDF opens in a tab of its own and is saved as it is, and so is what only other programs open", async () => {
      const reader = await at("Letters");
      await reader.sees("Letter to the doctor");
      const tab = new Promise((resolve) => session.browser.once("targetcreated", resolve));
      await reader.press("Open the document");
      assert.match((await tab).url(), /^(blob:|about:blank)/);
      await reader.page.bringToFront();
      await reader.press("Save the document");
      assert.deepEqual(await downloaded(session.downloads, "document.pdf"), pdf());
      await reader.press("Next");
      await reader.sees("cannot open this kind of document");
      await reader.press("Save the document");
      assert.deepEqual(await downloaded(session.downloads, "document.stl"), STL);
      await left(reader);
    });

    test("an ECG's channels are drawn to scale, a long one a span after another, and what cannot be drawn says so", async () => {
      const reader = await at("At rest");
      await reader.sees("RHYTHM");
      await reader.sees("Seconds 0 to 30 of 70");
      await reader.sees("Recording 4");
      const canvases = await reader.page.$$eval(".tracing canvas", (all) => all.map((canvas) => [canvas.getAttribute("aria-label").replaceAll(/[\u2068\u2069]/g, ""), canvas.getBoundingClientRect().width]));
      assert.equal(canvases.length, 5);
      assert.match(canvases[1][0], /^Lead II\. From -?0\.\d+ to 1\.\d+ mV$/);
      // Ten seconds are 250 mm, of which CSS has 96 pixels an inch.
      assert.ok(Math.abs(canvases[0][1] - (250 / 25.4) * 96) < 1, `${canvases[0][1]} pixels wide`);
      assert.match(canvases[4][0], /^Aorta\. From -?\d+ to .* mmHg$/);
      const inked = await reader.page.$eval(".tracing canvas", (canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const columns = new Set();
        for (let at = 0; at < data.length; at += 4) if (data[at] < 120) columns.add((at / 4) % canvas.width);
        return columns.size / canvas.width;
      });
      assert.ok(inked > 0.95, `a curve in ${inked} of the columns`);
      await reader.press("Later");
      await reader.sees("Seconds 30 to 60 of 70");
      await left(reader);
    });

    test("a video that the browser cannot play says so and is saved; a still among videos is a picture", async () => {
      const reader = await at("Endoscopy");
      await reader.sees("This browser cannot play this video");
      await reader.press("Save the video");
      assert.deepEqual(await downloaded(session.downloads, "video.mpg"), MPEG2_STREAM);
      await reader.press("Back to the list");
      await reader.press("Images: 1");
      await reader.page.waitForFunction(() => document.querySelector(".stage canvas")?.width === 64);
      await left(reader);
    });

    test("a video is played where the browser can", { skip: noClip }, async () => {
      const reader = await at("Endoscopy");
      await reader.press("Next");
      if (!(await reader.page.evaluate(() => document.createElement("video").canPlayType('video/mp4; codecs="avc1.640029"')))) {
        await reader.sees("This browser cannot play this video");
        return left(reader);
      }
      await reader.page.waitForFunction(() => document.querySelector("video")?.videoWidth === 640, { timeout: 20_000 });
      await reader.page.$eval("video", async (player) => {
        player.muted = true;
        await player.play();
      });
      await reader.page.waitForFunction(() => document.querySelector("video").currentTime > 0.2, { timeout: 20_000 });
      await left(reader);
    });
  });
}

const [chromium] = BROWSERS;

describe("for everyone", { skip: chromium.path ? false : skipped("Chromium is not installed") }, () => {
  let session;
  before(async () => (session = await launch(chromium)));
  after(() => session?.close());

  for (const { tag, texts } of LANGUAGES) {
    for (const [name, window, scheme] of [["desktop", { width: 1280, height: 900 }, "light"], ["phone", { width: 390, height: 844 }, "dark"]]) {
      test(`axe-core finds nothing in ${tag} on a ${name}, and nothing sticks out`, async () => {
        const reader = await openDisc(session.browser, scratch, window);
        await reader.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await reader.choose(tag);
        await reader.unlock(WORDS);
        for (const [screen, series, words] of [["report", "Findings of the day", "Riesmeier"], ["document", "Letters", texts.document.open], ["waveform", "At rest", "RHYTHM"], ["video", "Endoscopy", texts.video.cannotPlay]]) {
          await reader.press(series);
          await reader.sees(words);
          await portrait(reader.page, `${name}-${tag}-${screen}`);
          assert.deepEqual(await violations(reader.page), [], screen);
          assert.equal(await overhang(reader.page), 0, `${screen} sticks out`);
          await reader.press(texts.back);
        }
        await reader.sees(texts.listHeading);
        await portrait(reader.page, `${name}-${tag}-list-of-documents`);
        assert.deepEqual(reader.errors, []);
        await reader.page.close();
      });
    }
  }
});
