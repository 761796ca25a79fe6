// What a screen reader is told, screen by screen in every language: the accessibility tree, held against what is committed.
// With FILMROOM_UPDATE_TREES=1 it is written anew, to be read before it is committed.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { BROWSERS, launch, openDisc } from "./support/browser.js";
import { WORDS, writeDisc } from "./support/disc.js";
import { modules } from "./support/modules.js";
import { skipped } from "./support/peers.js";
import { sampleFiles } from "./support/samples.js";

const { LANGUAGES } = await modules("texts");
const TREES = fileURLToPath(new URL("trees", import.meta.url));
const [chromium] = BROWSERS;
const scratch = mkdtempSync(join(tmpdir(), "trees-"));
const folder = join(scratch, "disc");
writeDisc(folder, await sampleFiles(), { contact: "Film Library\n602-555-0100" });
after(() => rmSync(scratch, { recursive: true }));

/** What each state of a thing is called, where it is not as usual. */
const STATES = ["disabled", "expanded", "focused", "checked", "pressed", "required", "invalid", "level"];

/** A tree as lines: role, name, value, states. */
function lines(node, depth = 0) {
  const { role, name = "", value, children = [] } = node;
  const states = STATES.filter((state) => node[state] !== undefined && node[state] !== false).map((state) => `${state}=${node[state]}`);
  const own = [role, JSON.stringify(name), ...(value === undefined ? [] : [JSON.stringify(String(value))]), ...states].join(" ");
  return [`${"  ".repeat(depth)}${own}`, ...children.flatMap((child) => lines(child, depth + 1))];
}

describe("for those who hear the page", { skip: chromium.path ? false : skipped("Chromium is not installed") }, () => {
  let session;
  before(async () => (session = await launch(chromium)));
  after(() => session?.close());

  for (const { tag, texts } of LANGUAGES) {
    test(`every screen is told in ${tag} as it was agreed`, async () => {
      const reader = await openDisc(session.browser, folder);
      await reader.choose(tag);
      const told = [];
      const tell = async (screen) => {
        // Nothing has the focus: where it is depends on the way here.
        await reader.page.evaluate(() => document.activeElement?.blur());
        told.push(`# ${screen}`, ...lines(await reader.page.accessibility.snapshot()), "");
      };
      await tell("locked");
      await reader.unlock(WORDS);
      await reader.sees(texts.allWhole);
      await tell("list");
      await reader.press("Axial 5 mm");
      await reader.picture(0);
      await tell("picture");
      await reader.press(texts.back);
      await reader.press(texts.saveAll);
      await reader.sees(texts.savedAreOpen);
      await tell("save");
      await reader.page.close();
      const file = join(TREES, `${tag}.txt`);
      const text = `${told.join("\n")}\n`;
      if (process.env.FILMROOM_UPDATE_TREES === "1") {
        mkdirSync(TREES, { recursive: true });
        writeFileSync(file, text);
      }
      assert.equal(text, readFileSync(file, "utf8"));
    });
  }
});
