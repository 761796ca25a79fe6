// Walks a patient's pages in Chromium, as walk.mjs walks the staff's: nothing on the console, nothing for
// axe-core to say, nothing wider than a phone; with and without a script.
import { readFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const { FILMROOM_URL: url, FILMROOM_LINK: link, FILMROOM_CODE: code, FILMROOM_SEEN: seen } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const problems = [];

const browser = await puppeteer.launch({
  executablePath: process.env.FILMROOM_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

async function inspect(page, name) {
  if (seen) {
    await mkdir(seen, { recursive: true });
    await page.screenshot({ path: `${seen}/${name}.png`, fullPage: true });
  }
  // The page lets in no script but its own; the debugger may still run one. What axe-core would load first it would put
  // into a style element, which is not let in.
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: axe });
  const { result } = await client.send("Runtime.evaluate", {
    expression: `axe.run({ preload: false }).then(({ violations }) => JSON.stringify(violations.map(
      ({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  for (const violation of JSON.parse(result.value)) problems.push(`${name}: ${violation}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 1) problems.push(`${name}: ${wide} px wider than the window`);
  const blank = await page.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).length);
  if (blank > 0) problems.push(`${name}: ${blank} pictures are not there`);
}

async function look(page, name, path, viewport, dark = false) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  const answer = await page.goto(url + path, { waitUntil: "load" });
  if (answer.status() >= 400) problems.push(`${name}: ${answer.status()}`);
  await taken(page, name);
  await inspect(page, name);
}

/** Where a page has the viewer on offer, waits until that shows an image of its own. */
async function taken(page, name) {
  if (!(await page.$("script[src$='viewer.js']"))) return;
  const shows = () => [...document.querySelectorAll("main *")].some(({ shadowRoot }) => shadowRoot?.querySelector(".stage canvas:not([hidden])")?.width > 1 || shadowRoot?.querySelector(".entry > :not([role])"));
  await page.waitForFunction(shows, { timeout: 20_000 }).catch(() => problems.push(`${name}: the viewer shows nothing`));
}

async function visitor() {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && !/status of 4|ERR_FAILED/.test(message.text()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  return page;
}

async function enter(page) {
  await page.goto(url + link);
  await page.type("#month", "1");
  await page.type("#day", "2");
  await page.type("#year", "1970");
  await page.type("#code", code.toLowerCase().replace("-", " "));
  await Promise.all([page.waitForNavigation(), page.click("form.sheet button")]);
  if (!page.url().endsWith("/r/images")) problems.push(`entering led to ${page.url()}`);
}

const outside = await visitor();
// English comes last: a language that was asked for stays.
for (const language of ["es", "ar", "so", "hmn", "en"]) {
  await look(outside, `landing-${language}-phone`, `${link}?lang=${language}`, PHONE, language === "so");
}
await look(outside, "landing", link, DESKTOP);
await look(outside, "number-of-a-request", "/r", PHONE);
await outside.goto(url + link);
await outside.type("#month", "13");
await outside.type("#day", "1");
await outside.type("#year", "1970");
await outside.type("#code", "abc");
await Promise.all([outside.waitForNavigation(), outside.click("form.sheet button")]);
await inspect(outside, "landing-wrong");

const patient = await visitor();
await enter(patient);
for (const [name, path] of [
  ["home", "/r/images"],
  ["see", "/r/images/1/1?image=5"],
  ["see-clip", "/r/images/2/1?image=3"],
  ["see-report", "/r/images/1/2/documents"],
  ["see-document", "/r/images/1/3/documents"],
  ["save", "/r/save"],
  ["share", "/r/share"],
  ["request", "/r/request"],
  ["visits", "/r/visits"],
]) {
  const spoken = (language) => `${path}${path.includes("?") ? "&" : "?"}lang=${language}`;
  await look(patient, `${name}-ar-phone`, spoken("ar"), PHONE, true);
  await look(patient, name, spoken("en"), DESKTOP);
  await look(patient, `${name}-phone`, path, PHONE);
}

// The viewer: begins where the page is, takes keys wherever the focus is, and fetches single frames of a clip.
const inViewer = (look) => patient.evaluate(`[...document.querySelectorAll("main *")].find((one) => one.shadowRoot).shadowRoot.${look}`);
const says = async (words) => {
  for (let tries = 0; tries < 100 && !(await inViewer("querySelector('output').textContent")).includes(words); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  if (!(await inViewer("querySelector('output').textContent")).includes(words)) problems.push(`the viewer says ${await inViewer("querySelector('output').textContent")}, not ${words}`);
};
await look(patient, "viewer", "/r/images/1/1?image=5", DESKTOP);
await says("Image 5 of 10");
await patient.keyboard.press("ArrowDown");
await says("Image 6 of 10");
await inViewer("querySelector('#position').focus()");
await patient.keyboard.press("ArrowRight");
await says("Image 7 of 10");
const asked = [];
patient.on("request", (request) => asked.push(new URL(request.url()).pathname));
await look(patient, "viewer-clip", "/r/images/2/1?image=3", DESKTOP);
await says("Image 3 of 30");
const frame = asked.find((path) => path.endsWith("/frames/3"));
if (!frame || asked.includes(frame.replace("/frames/3", ""))) problems.push(`the clip came as ${asked.filter((path) => path.includes("/instances/")).join(" ")}`);

// A report is read on its page, as text, and leads to the image it is about.
await look(patient, "report", "/r/images/1/2/documents", DESKTOP);
const report = await inViewer("querySelector('.report').innerText");
if (!report.includes("Radiology Report") || !report.includes("No fracture <b>anywhere</b>.")) problems.push(`the report says ${report}`);
await Promise.all([patient.waitForNavigation(), inViewer("querySelector('.report a').click()")]);
if (!patient.url().endsWith("/r/images/1/1?image=3")) problems.push(`the report leads to ${patient.url()}`);
await look(patient, "document", "/r/images/1/3/documents", DESKTOP);
const opens = await inViewer("querySelector('a.action').href");
if (!opens.startsWith("blob:")) problems.push(`the document is at ${opens}`);
const [tab] = await Promise.all([browser.waitForTarget((target) => target.url() === opens, { timeout: 10_000 }), inViewer("querySelector('a.action').click()")]);
const document = await tab.page();
const kind = await document.evaluate(() => window.document.contentType);
if (kind !== "application/pdf") problems.push(`the document opens as ${kind}`);
if (seen) {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await document.screenshot({ path: `${seen}/document-opened.png` });
}
await document.close();

// With the page's own script alone: keys and wheel go on, the slider changes the picture, the address follows.
const fallen = await visitor();
await enter(fallen);
await fallen.setRequestInterception(true);
fallen.on("request", (request) => (request.url().endsWith("-viewer.js") ? request.abort() : request.continue()));
await fallen.setViewport(DESKTOP);
await fallen.goto(`${url}/r/images/1/1?image=5`);
const source = () => fallen.$eval("figure img", (image) => image.getAttribute("src"));
const until = async (part) => {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await source()).includes(part)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  problems.push(`the picture never became ${part}: ${await source()}`);
};
await fallen.keyboard.press("ArrowDown");
await until("image=6&");
await (await fallen.$("figure")).hover();
await fallen.mouse.wheel({ deltaY: -100 });
await until("image=5&");
await fallen.keyboard.press("End");
await until("image=10&");
if (!(await fallen.$eval("[data-position]", (said) => said.textContent)).startsWith("Image 10 of 10")) problems.push("the position is not said");
await fallen.focus("#brightness");
await fallen.keyboard.press("ArrowRight");
await until("brightness=5");
if (!fallen.url().includes("image=10") || !fallen.url().includes("brightness=5")) problems.push(`the address is ${fallen.url()}`);

// Sharing: the code is there once.
await patient.setViewport(PHONE);
await patient.goto(`${url}/r/share`);
await patient.type("#recipient", "Dr. Ruiz");
await Promise.all([patient.waitForNavigation(), patient.click("form.sheet button")]);
await inspect(patient, "shared-phone");
await look(patient, "visits-shared-phone", "/r/visits", PHONE);

// Without a script all of it works too.
const plain = await visitor();
await plain.setJavaScriptEnabled(false);
await enter(plain);
await Promise.all([plain.waitForNavigation(), plain.click("a.button[href='/r/images/1']")]);
await Promise.all([plain.waitForNavigation(), plain.click("a[rel=next]")]);
if (!plain.url().includes("image=7")) problems.push(`without a script, next led to ${plain.url()}`);
await Promise.all([plain.waitForNavigation(), plain.click("form[action='/r/leave'] button")]);
await plain.goto(`${url}/r/images`);
if (!plain.url().includes("/r?again")) problems.push(`after leaving, ${plain.url()} opens`);

await browser.close();
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
