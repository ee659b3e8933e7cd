// Drives one real browser for a test that is written elsewhere.
//
// Input: one JSON command a line on standard input. Output: one JSON answer a line, in order:
// {"ok":true,...} or {"ok":false,"error":"..."}. Every wait has the deadline of its command.
// It knows nothing of calls; it clicks what a person could click, by role and visible name.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import type { Locator, Page } from "playwright-core";

// One copy of Playwright serves the page's own tests and these.
const require = createRequire(new URL("../ui/package.json", import.meta.url));
const { chromium } = require("playwright-core") as typeof import("playwright-core");

type Command = {
  do: "open" | "see" | "gone" | "click" | "press" | "type" | "shot" | "stamp" | "size" | "scheme"
    | "tone" | "trip";
  role?: string;
  name?: string;
  text?: string;
  path?: string;
  url?: string;
  width?: number;
  height?: number;
  within?: number;
};

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--allow-loopback-in-peer-connection",
  ...(process.env.BROWSER_ARGS ? process.env.BROWSER_ARGS.split(" ") : []),
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: quiet,
});
const context = await browser.newContext({ viewport: { width: 420, height: 840 } });
const page = await context.newPage();
// When a card first shows, to the millisecond, without asking again and again.
await page.addInitScript(() => {
  const seen = () => {
    const card = document.querySelector('[role="alertdialog"]');
    const state = window as unknown as { firstCard?: number };
    if (card && !state.firstCard) state.firstCard = Date.now();
    if (!card) delete state.firstCard;
  };
  new MutationObserver(seen).observe(document, { childList: true, subtree: true });
  const clicked = () => ((window as unknown as { lastClick?: number }).lastClick = Date.now());
  addEventListener("click", clicked, true);
});

function find(page: Page, command: Command): Locator {
  if (command.role) {
    const name = command.name === undefined ? undefined : new RegExp(command.name, "u");
    return page.getByRole(command.role as "button", { name }).first();
  }
  return page.getByText(new RegExp(command.text ?? "", "u")).filter({ visible: true }).first();
}

// What is new on the screen ignores presses for a moment, so that nobody hits what appears under a
// finger; it says so by an attribute.
async function click(target: Locator, timeout: number): Promise<void> {
  await target.waitFor({ state: "visible", timeout });
  await page.waitForFunction(() => !document.querySelector("[data-guard]"), undefined, { timeout });
  await target.click({ timeout });
}

// The loudest frequency of what the page's audio element plays, and its level.
async function tone(page: Page): Promise<{ hz: number; dbfs: number }> {
  return await page.evaluate(() => {
    const stream = document.querySelector("audio")?.srcObject;
    if (!(stream instanceof MediaStream)) return { hz: 0, dbfs: -200 };
    const state = window as unknown as { ear?: { of: MediaStream; analyser: AnalyserNode } };
    if (state.ear?.of !== stream) {
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(stream).connect(analyser);
      state.ear = { of: stream, analyser };
    }
    const analyser = state.ear.analyser;
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const dbfs = Math.max(-200, ...levels);
    const bin = analyser.context.sampleRate / analyser.fftSize;
    return { hz: Math.max(0, levels.indexOf(dbfs)) * bin, dbfs };
  });
}

// How long the emptiest question to the page's server takes.
async function trip(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const began = performance.now();
    await fetch("/", { method: "HEAD", cache: "no-store" });
    return performance.now() - began;
  });
}

async function run(command: Command): Promise<Record<string, unknown>> {
  const timeout = command.within ?? 10_000;
  switch (command.do) {
    case "open":
      await page.goto(command.url ?? "about:blank", { timeout });
      return {};
    case "see":
      await find(page, command).waitFor({ state: "visible", timeout });
      return {};
    case "gone":
      await find(page, command).waitFor({ state: "hidden", timeout });
      return {};
    case "click":
      await click(find(page, command), timeout);
      return {};
    case "press":
      await page.keyboard.press(command.text ?? "");
      return {};
    case "type":
      await find(page, command).fill(command.path ?? "", { timeout });
      return {};
    case "shot":
      await page.screenshot({ path: command.path });
      return {};
    case "stamp":
      return await page.evaluate(() => {
        const seen = window as { firstCard?: number; lastClick?: number };
        return { at: seen.firstCard ?? 0, click: seen.lastClick ?? 0 };
      });
    case "trip":
      return { ms: await trip(page) };
    case "tone":
      return await tone(page);
    case "size":
      await page.setViewportSize({ width: command.width ?? 420, height: command.height ?? 840 });
      return {};
    case "scheme":
      await page.emulateMedia({ colorScheme: command.text === "dark" ? "dark" : "light" });
      return {};
  }
}

async function describe(): Promise<string> {
  return await page.locator("body").innerText({ timeout: 1000 }).catch(() => "(no page)");
}

console.log(JSON.stringify({ ok: true, version: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ ok: true, ...(await run(JSON.parse(line) as Command)) }));
  } catch (error) {
    const text = `${String(error)}\n--- the page says ---\n${await describe()}`;
    console.log(JSON.stringify({ ok: false, error: text }));
  }
}
await browser.close();
