// Walks the staff's pages in Chromium: nothing on the console, nothing for axe-core to say, nothing wider than
// a phone. FILMROOM_SEEN=FOLDER keeps a picture of each page.
import { readFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const { FILMROOM_URL: url, FILMROOM_REQUEST: request, FILMROOM_PASSWORD: password, FILMROOM_SEEN: seen } = process.env;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const problems = [];

const browser = await puppeteer.launch({
  executablePath: process.env.FILMROOM_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

async function look(page, name, path, viewport, dark = false) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
  const answer = await page.goto(url + path, { waitUntil: "load" });
  if (answer.status() >= 500) problems.push(`${name}: ${answer.status()}`);
  if (seen) {
    await mkdir(seen, { recursive: true });
    await page.screenshot({ path: `${seen}/${name}.png`, fullPage: true });
  }
  // The page lets in no script but its own; the debugger may still run one.
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: axe });
  const { result } = await client.send("Runtime.evaluate", {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations.map(
      ({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | "))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  for (const violation of JSON.parse(result.value)) problems.push(`${name}: ${violation}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 1) problems.push(`${name}: ${wide} px wider than the window`);
}

async function signedIn(login) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && !message.text().includes("status of 4") && problems.push(`${login}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`${login}: ${error.message}`));
  await page.goto(`${url}/staff/sign-in`);
  await page.type("#login", login);
  await page.type("#password", password);
  await Promise.all([page.waitForNavigation(), page.click("form.sheet button")]);
  return page;
}

const visitor = await browser.newPage();
for (const language of ["en", "es", "ar", "so", "hmn"]) {
  await look(visitor, `sign-in-${language}`, `/staff/sign-in?lang=${language}`, DESKTOP);
  await look(visitor, `not-found-${language}-phone`, `/nowhere?lang=${language}`, PHONE, language === "so");
}

const release = await signedIn("release");
for (const [name, path] of [
  ["worklist", "/staff/requests"],
  ["worklist-closed", "/staff/requests?show=closed"],
  ["new-request", "/staff/requests/new"],
  ["request", request],
]) {
  await look(release, name, path, DESKTOP);
  await look(release, `${name}-phone`, path, PHONE);
  await look(release, `${name}-dark`, path, DESKTOP, true);
}
const letter = await release.$eval("a[href*='letter?']", (link) => link.getAttribute("href"));
await look(release, "letter", letter, DESKTOP);

// By keyboard alone: down to the first line, and in.
await release.setViewport(DESKTOP);
await release.goto(`${url}/staff/requests`);
await release.keyboard.press("j");
await Promise.all([release.waitForNavigation(), release.keyboard.press("Enter")]);
if (!release.url().includes("/staff/requests/FR-")) problems.push(`j and Enter led to ${release.url()}`);
await release.goto(`${url}/staff/requests`);
await release.keyboard.press("/");
if ((await release.evaluate(() => document.activeElement.id)) !== "search") problems.push("/ does not search");

const burn = await signedIn("burn");
await look(burn, "burn-desk", "/staff/burn", DESKTOP);
await look(burn, "burn-desk-phone", "/staff/burn", PHONE);
const billing = await signedIn("billing");
await look(billing, "billing", "/billing", DESKTOP);
await look(billing, "billing-phone", "/billing", PHONE);
await look(billing, "charges", "/billing/charges", DESKTOP);

await browser.close();
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
