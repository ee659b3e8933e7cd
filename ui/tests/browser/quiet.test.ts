/** What must not stand in the way: old messages, old announcements, tips, a word on its own. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";

import type { View } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";
import { DESKTOP, HANG_MS, PHONE, openBrowser, openDesk, picture, settled } from "./desk.ts";

const SMALL = { width: 320, height: 568 };
const MINUTES = 60_000;

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const alert = (part: object = {}) =>
  fx.message("m9", "Acme refused to hold", {
    detail: "The call with Ana Kowalska is kept, on hold by the system.",
    tone: "caution",
    alert: true,
    ...part,
  });

test("a page that loads does not tell what happened minutes ago", async (t) => {
  const messages = [
    alert({ at_ms: Date.now() - 10 * MINUTES }),
    fx.message("m10", "Omar Haddad ended the call"),
  ];
  const { page } = await openDesk(t, browser, fx.view({ messages }));
  await page.getByText("Omar Haddad ended the call").waitFor({ timeout: HANG_MS });
  assert.equal(await page.locator(".msg").count(), 1);
});

test("during a call old failures, and news that change nothing, stay away", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view());
  const calls = [fx.call(fx.ana)];
  const old = alert({ at_ms: Date.now() - MINUTES });
  await show(fx.view({ calls, messages: [old, fx.message("m11", "Answered on your laptop")] }));
  assert.equal(await page.locator(".msg").count(), 0);
  await show(fx.view({ calls, messages: [old, alert({ id: "m12" })] }));
  assert.equal(await page.locator(".msg").count(), 1);
});

type Scene = { name: string; part: () => Partial<View>; keypad?: true };

const SCENES: Scene[] = [
  { name: "one", part: () => ({ calls: [fx.call(fx.ana)] }) },
  { name: "two", part: () => ({ calls: fx.twoCalls() }) },
  { name: "keypad", part: () => ({ calls: [fx.call(fx.ana)] }), keypad: true },
  { name: "card", part: () => ({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }) },
];

for (const size of [PHONE, SMALL, DESKTOP]) {
  for (const { name, part, keypad } of SCENES) {
    if (name === "card" && size === SMALL) continue; // the card alone is higher than the window
    test(`a message moves no control of a call: ${name} at ${size.width} px`, async (t) => {
      const { page, show } = await openDesk(t, browser, fx.view(part()), { viewport: size });
      await settled(page);
      if (keypad) await page.click("[data-id=keypad]");
      await settled(page);
      const before = await controls(page);
      assert.ok(before.length > 6);
      await show(fx.view({ ...part(), messages: [alert()] }));
      assert.ok(await page.locator(".msg").isVisible());
      await picture(page, `message-${name}-${size.width}`);
      assert.deepEqual(await controls(page), before);
      await page.getByRole("button", { name: "Dismiss: Acme refused to hold" }).click();
      await settled(page);
      assert.deepEqual(await controls(page), before);
    });
  }
}

test("no announcement outlives its call", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await show(fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }));
  const assertive = page.locator("#assertive");
  await assertive.getByText("Second call. Omar Haddad").waitFor({ state: "attached" });
  await show(fx.view());
  assert.equal(await assertive.textContent(), "");
});

test("a link that stays away is told with what to do", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await settled(page);
  await daemon.stop();
  const note = page.locator(".link-note");
  await note.getByText("Not connected to Hookswitch. Your call goes on.").waitFor();
  await note.getByText("If it stays away, start hookswitchd").waitFor({ timeout: HANG_MS });
  await picture(page, "link-lost-advice");
});

test("at 420 px a usual entry of the recents fits one line", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view(), {
    viewport: { width: 420, height: 800 },
  });
  const app = { id: "org.hookswitch.Phone", name: "Hookswitch Phone" };
  const who = fx.party("sip:ana@127.0.0.1:5080", "", app, null);
  daemon.recents["all"] = [
    fx.entry("r1", who, "Incoming, 4 s, they ended it", Date.now() - 1_000),
    fx.entry("r2", fx.ana, "Incoming, 12 min, you ended it", Date.now() - 2_000),
  ];
  await show(fx.view({ recents_revision: 2 }));
  await page.getByText("Incoming, 4 s, they ended it").waitFor();
  await picture(page, "recents-420");
  const lines = await page
    .locator(".rec small bdi")
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height / 18)));
  assert.deepEqual(lines, [1, 1]);
});

for (const size of [PHONE, DESKTOP]) {
  test(`why Call cannot call is said in the button, at ${size.width} px`, async (t) => {
    const { page } = await openDesk(t, browser, fx.view(), { viewport: size });
    await settled(page);
    const call = page.locator(".dial [data-id=call]");
    const place = await call.boundingBox();
    await call.hover();
    await picture(page, `dial-empty-${size.width}`);
    assert.ok(await call.getByText("Enter a number or an address first.").first().isVisible());
    assert.equal(await page.locator(".tip:visible").count(), 0);
    const background = await call.evaluate((one) => getComputedStyle(one).backgroundColor);
    assert.equal(background, "rgba(0, 0, 0, 0)", "its words must stay legible under the pointer");
    await page.fill("#dial-handle", "+44 7700 900123");
    assert.equal(await call.innerText(), "Call");
    assert.deepEqual(await call.boundingBox(), place);
  });
}

/** Where the buttons of the first call are: the grid or the keys, and End. */
async function controls(page: Page): Promise<string[]> {
  return page
    .locator(".callpage :is(.tile, .key, .hide-keypad, .end-row .endbar)")
    .evaluateAll((all) =>
      all.map((one) => {
        const box = one.getBoundingClientRect();
        const id = (one as HTMLElement).dataset["id"] ?? one.textContent;
        return `${id} ${Math.round(box.x)},${Math.round(box.y)}`;
      }),
    );
}
