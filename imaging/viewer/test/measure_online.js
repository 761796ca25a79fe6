// How fast a link's page shows a series on a slow line: `node test/measure_online.js ADDRESS COOKIE_FILE`, with the address of a
// page of pictures and the cookie of a visit, `name=value`. Prints what it found, asserts nothing.

import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { BROWSERS } from "./support/browser.js";

/** A slow phone line: 5 Mbit/s both ways, 40 ms. */
const SLOW = { upload: 5e6 / 8, download: 5e6 / 8, latency: 40 };
const TIMES = 5;

const [address, cookieFile] = process.argv.slice(2);
const [name, value] = readFileSync(cookieFile, "utf8").trim().split("=");

/** Milliseconds from asking for the page to the first picture that is drawn, and to the full frame on its canvas. */
async function opened(browser) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setExtraHTTPHeaders({ Cookie: `${name}=${value}` });
  await page.emulateNetworkConditions(SLOW);
  const drawn = () => Array.from(document.images).some((image) => image.complete && image.naturalWidth > 100) && performance.now();
  await page.goto(address, { waitUntil: "domcontentloaded" });
  const first = await (await page.waitForFunction(drawn, { polling: 10, timeout: 60_000 })).jsonValue();
  const canvas = () => {
    const stages = [document, ...Array.from(document.querySelectorAll("*"), (one) => one.shadowRoot).filter(Boolean)];
    const found = stages.map((one) => one.querySelector(".stage canvas")).find(Boolean);
    return found?.style.transform && !found.hidden && performance.now();
  };
  const full = await (await page.waitForFunction(canvas, { polling: 10, timeout: 60_000 })).jsonValue();
  await context.close();
  return { first, full };
}

const browser = await puppeteer.launch({ executablePath: BROWSERS[0].path, args: ["--no-sandbox"] });
try {
  for (let time = 0; time < TIMES; time++) {
    const { first, full } = await opened(browser);
    console.log(`first picture ${(first / 1000).toFixed(2)} s, full frame ${(full / 1000).toFixed(2)} s`);
  }
} finally {
  await browser.close();
}
