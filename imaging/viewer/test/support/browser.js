// Browsers on a disc's page, offline, as a reader sees them.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { program } from "./peers.js";

/** Nothing answers there. */
const NOWHERE = { host: "127.0.0.1", port: 9 };

/** The browsers that the page must work in; without `path`, one is not installed. */
export const BROWSERS = [
  { name: "Chromium", kind: "chrome", path: program("chromium", "chromium-browser", "google-chrome") },
  { name: "Firefox", kind: "firefox", path: program("firefox-esr", "firefox") },
];

/** A browser without a network, whose downloads land in `downloads`. */
export async function launch({ kind, path }, { languages = ["en-US"] } = {}) {
  const downloads = mkdtempSync(join(tmpdir(), "downloads-"));
  const browser = await puppeteer.launch(kind === "chrome" ? chromium(path, languages) : firefox(path, languages, downloads));
  if (kind === "chrome") await (await browser.target().createCDPSession()).send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  const close = async () => {
    await browser.close();
    rmSync(downloads, { recursive: true });
  };
  return { browser, downloads, close };
}

function chromium(executablePath, languages) {
  const args = ["--no-sandbox", `--proxy-server=${NOWHERE.host}:${NOWHERE.port}`, `--lang=${languages[0]}`, `--accept-lang=${languages.join(",")}`];
  return { executablePath, args, env: { ...process.env, LANGUAGE: languages[0] } };
}

function firefox(executablePath, languages, downloads) {
  const extraPrefsFirefox = {
    "intl.accept_languages": languages.join(","),
    "network.proxy.type": 1,
    "network.proxy.http": NOWHERE.host,
    "network.proxy.http_port": NOWHERE.port,
    "network.proxy.ssl": NOWHERE.host,
    "network.proxy.ssl_port": NOWHERE.port,
    "browser.download.folderList": 2,
    "browser.download.dir": downloads,
  };
  return { browser: "firefox", executablePath, extraPrefsFirefox };
}

/** A download, once it is there; it is taken away, so that the next one has its name. */
export async function downloaded(folder, name) {
  const file = join(folder, name);
  for (let tries = 0; tries < 100; tries++) {
    if (existsSync(file) && !readdirSync(folder).some((one) => /\.(part|crdownload)$/.test(one))) {
      const bytes = readFileSync(file);
      if (bytes.length > 0) {
        rmSync(file);
        return bytes;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no download ${name}, but ${readdirSync(folder)}`);
}

/** The disc in `folder`, opened in a new tab, in which `before` runs first. Gathers what goes wrong in the page and what it asks the network for. */
export async function openDisc(browser, folder, { width = 1280, height = 900, before } = {}) {
  const page = await browser.newPage();
  if (before) await page.evaluateOnNewDocument(before);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => /^(file|blob|data):/.test(request.url()) || errors.push(`asked for ${request.url()}`));
  await page.setViewport({ width, height });
  await page.goto(`file://${join(folder, "INDEX.HTM")}`);
  await page.waitForSelector("h1");
  return new Reader(page, errors);
}

/** What a reader does and sees. */
export class Reader {
  constructor(page, errors) {
    this.page = page;
    this.errors = errors;
  }

  async unlock(code) {
    await this.page.waitForSelector("#code");
    await this.page.$eval("#code", (field) => (field.value = ""));
    await this.page.type("#code", code);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the page says this. */
  async sees(words, timeout = 20_000) {
    const there = (text) => document.body.innerText.includes(text);
    await this.page.waitForFunction(there, { timeout }, words).catch(async () => {
      throw new Error(`not seen: ${words}\nbut:\n${await this.text()}`);
    });
  }

  /** Waits until this is said where a picture would be; whether the canvas is hidden then. */
  async seesInPlaceOfPicture(words) {
    const said = (text) => document.querySelector(".stage .note")?.innerText.includes(text);
    await this.page.waitForFunction(said, { timeout: 20_000 }, words).catch(async () => {
      throw new Error(`not in place of a picture: ${words}\nbut:\n${await this.text()}`);
    });
    return this.page.$eval(".stage canvas", (canvas) => canvas.hidden);
  }

  text() {
    return this.page.evaluate(() => document.body.innerText);
  }

  /** Presses the button or link that says this, as soon as there is one. */
  async press(words) {
    const pressable = (text) => Array.from(document.querySelectorAll("button, a, summary, label")).find((one) => (one.innerText.includes(text) || one.ariaLabel === text) && !one.disabled);
    const found = await this.page.waitForFunction(pressable, { timeout: 30_000 }, words).catch(() => undefined);
    if (!found) throw new Error(`nothing to press says ${words}\nbut:\n${await this.text()}\n${this.errors.join("\n")}`);
    await found.click();
  }

  /** The picture on the screen, when it is `position`: its size and the red of each pixel. */
  async picture(position) {
    await this.page.waitForFunction((wanted) => document.querySelector("#position")?.value === wanted && document.querySelector(".stage canvas").width > 0, { timeout: 10_000 }, String(position));
    // By then the last picture has gone; a first decoder takes its time on a busy computer.
    await this.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    await this.page.waitForFunction(() => !document.querySelector(".stage canvas").hidden, { timeout: 10_000 });
    return this.page.evaluate(() => {
      const canvas = document.querySelector(".stage canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return { hidden: canvas.hidden, width: canvas.width, height: canvas.height, red: Array.from(data.filter((_, at) => at % 4 === 0)) };
    });
  }

  choose(language) {
    return this.page.select("#language", language);
  }
}
