/** One real browser, one fake daemon, one page: what every browser test starts from. */
import { existsSync, mkdirSync } from "node:fs";
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import type { View } from "../../src/contract.ts";
import { blocked, recents } from "../fixtures.ts";
import { FakeDaemon } from "./fake-daemon.ts";

export const PHONE = { width: 390, height: 800 };
export const DESKTOP = { width: 1128, height: 700 };
/** Generous: a hang bound, not a measure. */
export const HANG_MS = 10_000;

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const PICTURES = new URL("../../../artifacts/ui/", import.meta.url).pathname;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--mute-audio",
];

/** A browser also writes down what a test does on purpose: a daemon gone, a request refused. */
const EXPECTED = new RegExp(
  "ERR_CONNECTION_(REFUSED|RESET|CLOSED|ABORTED)|ERR_EMPTY_RESPONSE|status of 4\\d\\d",
);

export type Desk = {
  page: Page;
  daemon: FakeDaemon;
  url: string;
  /** Shows a view and waits until the page has it. */
  show: (view: View) => Promise<void>;
};

/** Starts the browser; a machine without one fails here, with what to install. */
export async function openBrowser(): Promise<Browser> {
  assert.ok(existsSync(CHROMIUM), `${CHROMIUM} is missing: install Debian's package "chromium"`);
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

/** Opens the page against a daemon that shows `view`; both end with the test. */
export async function openDesk(
  t: TestContext,
  browser: Browser,
  view: View,
  options: BrowserContextOptions = {},
): Promise<Desk> {
  const daemon = new FakeDaemon(view);
  daemon.recents = {
    all: recents(),
    missed: recents().filter((one) => one.missed),
    blocked: blocked(),
  };
  const url = await daemon.start();
  const context = await browser.newContext({ viewport: PHONE, locale: "en-GB", ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (line) => {
    const text = line.text();
    if (line.type() === "error" && !EXPECTED.test(text)) faults.push(text);
  });
  t.after(async () => {
    await context.close();
    await daemon.stop();
    assert.deepEqual(faults, [], "the page must run without faults and policy violations");
  });
  await page.goto(url);
  await page.locator("[data-surface]").first().waitFor({ timeout: HANG_MS });
  return {
    page,
    daemon,
    url,
    show: async (next) => {
      daemon.show(next);
      await settled(page);
    },
  };
}

/** Waits until the page has drawn what it got and no press guard holds. */
export async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(60);
  await page.waitForFunction(() => !document.querySelector("[data-guard]"), null, {
    timeout: HANG_MS,
  });
}

/** Keeps a picture of the page. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}${name}.png` });
}

/** Fails on any accessibility finding of axe-core. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe;
    const result = await run.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return result.violations.map((one) => ({
      id: one.id,
      at: one.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    }));
  });
  assert.deepEqual(found, [], `axe-core at ${where}`);
  assert.deepEqual(await danglingWords(page), [], `names and descriptions at ${where}`);
}

/** The ids that an element is named or described by and that are not on the page. */
async function danglingWords(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    ["aria-describedby", "aria-labelledby"].flatMap((attribute) =>
      [...document.querySelectorAll(`[${attribute}]`)]
        .flatMap((element) => (element.getAttribute(attribute) ?? "").split(/\s+/))
        .filter((id) => id !== "" && !document.getElementById(id)?.textContent?.trim())
        .map((id) => `${attribute}: ${id}`),
    ),
  );
}

/** Waits until a request of a kind has arrived, and returns it. */
export async function arrived(daemon: FakeDaemon, kind: string) {
  const limit = Date.now() + HANG_MS;
  while (Date.now() < limit) {
    const found = daemon.requests.find((one) => one.request === kind);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
  return assert.fail(`no "${kind}" arrived; got ${JSON.stringify(daemon.requests)}`);
}
