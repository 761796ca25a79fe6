// The page for everyone: five languages, keyboard, screen readers, phones, light and dark.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { partFile, WORDS, writeDisc } from "./support/disc.js";
import { overhang, portrait, violations } from "./support/look.js";
import { modules } from "./support/modules.js";
import { skipped } from "./support/peers.js";
import { sampleFiles } from "./support/samples.js";

const { LANGUAGES } = await modules("texts");
const [chromium] = BROWSERS;

const scratch = mkdtempSync(join(tmpdir(), "discs-"));
const damaged = join(scratch, "damaged");
writeDisc(damaged, await sampleFiles());
rmSync(partFile(damaged, "B", 2));
after(() => rmSync(scratch, { recursive: true }));

/** All screens one after another; `look` is called on each. */
async function walk(reader, texts, look) {
  await reader.sees(texts.unlockHeading);
  await look("locked");
  await reader.unlock("a b c");
  await reader.sees(texts.incompleteCode);
  await look("refused");
  await reader.unlock(WORDS);
  await reader.sees(texts.badDiscHelp);
  await reader.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1500)));
  await look("list");
  await reader.press("Axial 5 mm");
  await reader.picture(0);
  await look("picture");
  await reader.press(texts.back);
  await reader.press(texts.forTheDesk);
  await reader.sees("For the imaging desk");
  await look("desk");
  await reader.press(texts.back);
  await reader.press(texts.saveAll);
  await reader.sees(texts.savedAreOpen);
  await look("save");
}

describe("for everyone", { skip: chromium.path ? false : skipped("Chromium is not installed") }, () => {
  let session;
  before(async () => (session = await launch(chromium)));
  after(() => session?.close());

  for (const { tag, texts, direction } of LANGUAGES) {
    for (const [name, window, scheme] of [["desktop", { width: 1280, height: 900 }, "light"], ["phone", { width: 390, height: 844 }, "dark"]]) {
      test(`axe-core finds nothing in ${tag} on a ${name}, and nothing sticks out`, async () => {
        const reader = await openDisc(session.browser, damaged, window);
        await reader.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await reader.choose(tag);
        assert.equal(await reader.page.$eval("html", ({ lang, dir }) => `${lang} ${dir}`), `${tag} ${direction}`);
        await walk(reader, texts, async (screen) => {
          await portrait(reader.page, `${name}-${tag}-${screen}`);
          assert.deepEqual(await violations(reader.page), [], screen);
          assert.equal(await overhang(reader.page), 0, `${screen} sticks out`);
        });
        assert.deepEqual(reader.errors, []);
        await reader.page.close();
      });
    }
  }

  test("the code is not lost when the language changes, and never stays after it was right", async () => {
    const reader = await openDisc(session.browser, damaged);
    await reader.page.waitForSelector("#code");
    await reader.page.type("#code", "garland outfit");
    await reader.choose("es");
    await reader.sees("Estas imágenes están bloqueadas");
    assert.equal(await reader.page.$eval("#code", ({ value }) => value), "garland outfit");
    await reader.unlock(WORDS);
    await reader.sees("Ana María Rivera");
    assert.ok(!(await reader.page.content()).includes("garland"));
    await reader.page.close();
  });

  test("the keyboard alone leads from the code to the second image", async () => {
    const reader = await openDisc(session.browser, damaged);
    const keys = reader.page.keyboard;
    const focused = () => reader.page.evaluate(() => document.activeElement?.innerText ?? "");
    const tabTo = async (words) => {
      for (let tries = 0; tries < 30 && !(await focused()).includes(words); tries++) await keys.press("Tab");
    };
    await reader.page.waitForSelector("#code");
    for (let tries = 0; tries < 10 && !(await reader.page.evaluate(() => document.activeElement?.id === "code")); tries++) await keys.press("Tab");
    await keys.type(WORDS);
    await keys.press("Enter");
    await reader.sees("Ana María Rivera");
    assert.equal(await focused(), "On this disc", "the focus goes to the new screen's heading");
    await tabTo("Axial 5 mm");
    await keys.press("Enter");
    await reader.picture(0);
    await keys.press("ArrowDown");
    await reader.picture(1);
    await reader.page.close();
  });
});

for (const kind of BROWSERS) {
  test(`${kind.name}'s language is the page's first`, { skip: kind.path ? false : skipped(`${kind.name} is not installed`) }, async () => {
    const session = await launch(kind, { languages: ["so", "ar"] });
    try {
      const reader = await openDisc(session.browser, damaged);
      await reader.sees(LANGUAGES.find(({ tag }) => tag === "so").texts.unlockHeading);
    } finally {
      await session.close();
    }
  });
}
