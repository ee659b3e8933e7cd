/** Blocking and names: sources, own blocks, files and reasons, in a real browser. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";

import type { ImportReport } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";
import {
  DESKTOP,
  PHONE,
  arrived,
  assertAccessible,
  openBrowser,
  openDesk,
  picture,
  settled,
} from "./desk.ts";

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const REPORT: ImportReport = {
  loaded: false,
  headline: "11,743 numbers to block were found, 2 names.",
  format: "csv",
  blocks: 11_743,
  names: 2,
  left_out: 3,
  wide: false,
  notes: [
    {
      tone: "bad",
      text: "3 left out: they have no country code (lines 2, 9, 12). Name the country.",
    },
    { tone: "info", text: "1 taken: they stand in a line before already (line 7)." },
  ],
};

async function openBlocking(page: Page): Promise<void> {
  await settled(page);
  await page.click("[data-page=blocking]");
  await page.locator(".blocking").waitFor();
}

/** Waits until the field is empty again: what was in it was taken. */
async function emptied(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const field = document.querySelector<HTMLInputElement>("#block-number");
    return field?.value === "";
  });
}

test("sources are switched, moved, loaded again and removed after a second press", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.withSources(), { viewport: DESKTOP });
  await openBlocking(page);
  await page.getByRole("switch", { name: "FritzList" }).click();
  assert.deepEqual(await arrived(daemon, "list-switch"), {
    request: "list-switch",
    list: "fritz",
    on: false,
  });
  await page.getByRole("button", { name: "Move down, FritzList" }).click();
  await arrived(daemon, "list-order");
  const first = page.getByRole("button", { name: "Move up, FritzList" });
  assert.equal(await first.getAttribute("aria-disabled"), "true");
  await page.getByRole("button", { name: "Load again, Work directory" }).click();
  await arrived(daemon, "list-reload");
  const remove = page.getByRole("button", { name: "Remove FritzList" });
  await remove.click();
  await page.locator(".source-more", { hasText: "What it holds is gone then." }).waitFor();
  assert.ok(!daemon.requests.some((one) => one.request === "list-remove"));
  await remove.click();
  await arrived(daemon, "list-remove");
  const problem = page.locator("[data-source='org.example.Work'] .source-problem");
  assert.match((await problem.textContent()) ?? "", /stays in force/);
});

test("a number is blocked, a pattern as it stands, and an exception made", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.withSources(), { viewport: PHONE });
  await openBlocking(page);
  const block = page.getByRole("button", { name: "Block", exact: true });
  await block.click({ force: true });
  assert.equal(daemon.requests.length, 0);
  daemon.onRequest = () => daemon.show(fx.withSources());
  await page.fill("#block-number", "+44 7700 900789");
  await block.click();
  assert.deepEqual(await arrived(daemon, "block"), {
    request: "block",
    handle: "+44 7700 900789",
    on: true,
  });
  await emptied(page);
  await page.fill("#block-number", "+4490*");
  await block.click();
  await emptied(page);
  assert.deepEqual(daemon.requests.at(-1), { request: "block", handle: "+4490*", on: true });
  await page.fill("#block-number", "+44905");
  await page.getByRole("button", { name: "Always let ring" }).click();
  await arrived(daemon, "except-pattern");
  await emptied(page);
  await page.getByRole("button", { name: "Remove +44905" }).click();
  await page.getByRole("switch", { name: "Trust contacts" }).click();
  await arrived(daemon, "caller-rule");
  await page.getByRole("button", { name: "30 min" }).click();
  await arrived(daemon, "call-back");
});

test("a file is checked, its report shown, and then loaded under a name", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.withSources(), { viewport: DESKTOP });
  daemon.report = REPORT;
  await openBlocking(page);
  const bytes = Buffer.from("+12025550101\n".repeat(20_000));
  const file = { name: "FTC complaints.csv", mimeType: "text/csv", buffer: bytes };
  await page.setInputFiles("#import-file", file);
  await page.getByText("3 left out").waitFor();
  assert.deepEqual(daemon.files.map((one) => [one.path, one.size]), [
    ["/api/v1/directory/lint", bytes.length],
  ]);
  assert.equal(await page.inputValue("#import-name"), "FTC-complaints");
  await picture(page, "E1-import-report");
  await assertAccessible(page, "E1 import");
  await page.getByRole("button", { name: "Load as FTC-complaints" }).click();
  await page.locator(".verdict.good").waitFor();
  assert.equal(daemon.files.at(-1)?.path, "/api/v1/directory/lists/FTC-complaints");
  assert.match(daemon.files.at(-1)?.query ?? "", /wide=false/);
});

test("a list for whole countries has to be confirmed, and a refusal is shown", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.withSources(), { viewport: PHONE });
  daemon.report = { ...REPORT, wide: true };
  await openBlocking(page);
  await page.setInputFiles("#import-file", {
    name: "list.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("5*\n"),
  });
  const meant = page.getByLabel("It is meant that whole countries are blocked");
  await meant.check();
  daemon.refusal = { status: 409, error: "TooWide", message: "Line 1 would block a country." };
  await page.getByRole("button", { name: "Load as list" }).click();
  await page.getByText("Line 1 would block a country.").first().waitFor();
  assert.match(daemon.files.at(-1)?.query ?? "", /wide=true/);
});

for (const theme of ["light", "dark"] as const) {
  for (const [name, viewport] of [["phone", PHONE], ["desktop", DESKTOP]] as const) {
    test(`what would happen is told with every rule, ${name} in ${theme}`, async (t) => {
      const options = { viewport, colorScheme: theme } as const;
      const { page, daemon } = await openDesk(t, browser, fx.withSources(), options);
      daemon.decision = fx.decision();
      await openBlocking(page);
      await page.fill("#what-if", "07700 900789");
      await page.getByRole("button", { name: "Check" }).click();
      await page.locator("[data-verdict=block]").waitFor();
      assert.equal(daemon.asked[0], '/api/v1/directory/explain{"handle":"07700 900789"}');
      assert.equal(await page.locator(".step").count(), 4);
      assert.equal(await page.locator(".step.decided .badge").textContent(), "Decided");
      await page.locator(".what-if").scrollIntoViewIfNeeded();
      await picture(page, `D3-what-if-${name}-${theme}`);
      await assertAccessible(page, "D3");
    });
  }
}

test("a blocked call in the recents says why when it is asked", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.withSources(), { viewport: PHONE });
  daemon.decision = fx.decision();
  await settled(page);
  await page.getByRole("button", { name: "Blocked", exact: true }).click();
  const row = page.locator(".rec").first();
  assert.match((await row.textContent()) ?? "", /“FritzList” blocks/);
  await page.getByRole("button", { name: "Why did the call from" }).click();
  await page.locator("[data-verdict=block]").waitFor();
  assert.match(daemon.asked[0] ?? "", /^\/api\/v1\/directory\/calls\//);
  await picture(page, "D2-why-phone");
  await assertAccessible(page, "D2 why");
});
