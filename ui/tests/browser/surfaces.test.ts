/** Every surface of the design, in light and dark: drawn, scanned for accessibility, pictured. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";

import type { View } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";
import {
  DESKTOP,
  PHONE,
  assertAccessible,
  openBrowser,
  openDesk,
  picture,
  settled,
} from "./desk.ts";

type Surface = {
  name: string;
  size?: { width: number; height: number };
  view: () => View;
  then?: (page: Page) => Promise<unknown>;
  dir?: "rtl";
};

const long = fx.party(
  "Prof. Dr. Wilhelmina Featherstonehaugh-Cholmondeley of the Northern Institute",
  "PW",
  fx.ACME,
  "+44 7700 900789",
);

const AWAY = "Until it is back, it rings where everything plays";

const SURFACES: Surface[] = [
  { name: "A1-incoming", view: () => fx.view({ incoming: fx.ringing(fx.ana) }) },
  {
    name: "A2-incoming-video",
    view: () =>
      fx.view({
        incoming: fx.ringing(fx.omar, { video: true, kind_text: "Video call" }),
        more_ringing: 1,
      }),
  },
  {
    name: "A3-incoming-unknown-silenced",
    view: () => fx.view({ incoming: fx.ringing(fx.unknown, { silenced: true }) }),
  },
  { name: "A4-incoming-rtl", dir: "rtl", view: () => fx.view({ incoming: fx.ringing(fx.arabic) }) },
  {
    name: "A1-incoming-desktop",
    size: DESKTOP,
    view: () => fx.view({ incoming: fx.ringing(fx.ana) }),
  },
  {
    name: "A1-incoming-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ incoming: fx.ringing(long) }),
  },
  { name: "C1-in-call", view: () => fx.view({ calls: [fx.call(fx.ana)] }) },
  {
    name: "C1-in-call-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ calls: [fx.call(long)] }),
  },
  {
    name: "C2-call-waiting",
    view: () =>
      fx.view({ incoming: fx.callWaiting(), calls: [withName(fx.muted(fx.call(fx.ana)))] }),
  },
  {
    name: "C3-call-waiting-no-hold",
    view: () =>
      fx.view({
        incoming: fx.callWaitingNoHold(),
        calls: [withName(fx.cannotHold(fx.call(fx.ana)))],
      }),
  },
  {
    name: "C2-call-waiting-two-calls",
    view: () => fx.view({ incoming: fx.callWaitingTwo(), calls: fx.twoCalls() }),
  },
  {
    name: "B2-call-waiting-desktop",
    size: DESKTOP,
    view: () => fx.view({ incoming: fx.callWaiting(), calls: [withName(fx.call(fx.ana))] }),
  },
  { name: "C4-two-calls", view: () => fx.view({ calls: fx.twoCalls() }) },
  { name: "C4-two-calls-merge", view: () => fx.view({ calls: fx.mergeable() }) },
  { name: "C7-group", view: () => fx.view({ calls: [fx.group()] }) },
  {
    name: "C7-group-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ calls: [fx.group()] }),
  },
  { name: "C7-group-desktop", size: DESKTOP, view: () => fx.view({ calls: [fx.group()] }) },
  { name: "C4-two-calls-rtl", dir: "rtl", view: () => fx.view({ calls: fx.twoCalls() }) },
  {
    name: "C5-keypad",
    view: () => fx.view({ calls: [fx.call(fx.ana)] }),
    then: async (page) => {
      await page.click("[data-id=keypad]");
      await page.keyboard.type("204#");
      await page.locator(".digits-text", { hasText: "#" }).waitFor();
    },
  },
  {
    name: "C5-keypad-desktop",
    size: DESKTOP,
    view: () => fx.view({ calls: [fx.call(fx.ana)] }),
    then: (page) => page.click("[data-id=keypad]"),
  },
  {
    name: "C6-audio",
    view: () => fx.view({ calls: [fx.call(fx.ana)] }),
    then: (page) => page.click("[data-id=audio]"),
  },
  {
    name: "C6-audio-desktop",
    size: DESKTOP,
    view: () => fx.view({ calls: [fx.call(fx.ana)] }),
    then: (page) => page.click("[data-id=audio]"),
  },
  {
    name: "C6-audio-wanted",
    view: () => fx.view({ calls: [fx.call(fx.ana)], audio: fx.wanted() }),
    then: (page) => page.click("[data-id=audio]"),
  },
  {
    name: "C1-audio-wanted",
    view: () => fx.view({ calls: [fx.call(fx.ana)], audio: fx.wanted() }),
  },
  {
    name: "C1-audio-wanted-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ calls: [fx.call(fx.ana)], audio: fx.wanted() }),
  },
  {
    name: "C11-languages",
    view: () => fx.view({ calls: [fx.rich()] }),
    then: (page) => page.click("[data-id=translate]"),
  },
  {
    name: "C11-languages-desktop",
    size: DESKTOP,
    view: () => fx.view({ calls: [fx.rich()] }),
    then: (page) => page.click("[data-id=translate]"),
  },
  {
    name: "A5-incoming-own-buttons",
    view: () =>
      fx.view({ incoming: fx.ringing(fx.rich().party, { buttons: fx.ownButtons("in-1") }) }),
  },
  { name: "C1-own-buttons", view: () => fx.view({ calls: [fx.rich()] }) },
  { name: "C1-own-buttons-desktop", size: DESKTOP, view: () => fx.view({ calls: [fx.rich()] }) },
  { name: "C1-video-offer", view: () => fx.view({ calls: [fx.offering()] }) },
  {
    name: "C1-video-offer-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ calls: [fx.offering()] }),
  },
  {
    name: "E-front-desktop",
    size: { width: 1128, height: 900 },
    view: () => fx.view({ front: { on_answer: "stay", driving: true } }),
    then: (page) => page.click(".front summary"),
  },
  {
    name: "E-ring-on-desktop",
    size: { width: 1128, height: 900 },
    view: () =>
      fx.view({
        ring_on: [
          fx.place("default", "Where everything plays"),
          fx.place("all", "All devices"),
          fx.place("speaker", "Speaker"),
          fx.place("tv", "A device that is away", AWAY, true),
        ],
      }),
    then: (page) => page.click(".ring-on summary"),
  },
  {
    name: "E-who-may-ring-desktop",
    size: { width: 1128, height: 1200 },
    view: () => fx.view(fx.secondCalls()),
    then: (page) => page.click(".rules summary"),
  },
  {
    name: "E-who-may-ring-320",
    size: { width: 320, height: 1600 },
    view: () => fx.view(fx.secondCalls()),
    then: (page) => page.click(".rules summary"),
  },
  { name: "C7-dialing", view: () => fx.view({ calls: [fx.dialing(fx.omar)] }) },
  {
    name: "C9-desktop",
    size: DESKTOP,
    view: () => fx.view({ calls: fx.twoCalls().map(fx.muted) }),
  },
  {
    name: "C10-messages",
    view: () =>
      fx.view({
        calls: [fx.call(fx.ana, { note: "Acme is reconnecting. The call stays open meanwhile." })],
        messages: [
          fx.message("m1", "Answered on your laptop", { detail: "Omar Haddad, Mobile" }),
          fx.message("m2", "Acme did not hold in 2 s", {
            detail: "Its sound is stopped. The call with Ana is kept, on hold by the system.",
            tone: "caution",
            alert: true,
          }),
        ],
      }),
  },
  {
    name: "D-recents",
    view: () =>
      fx.view({
        messages: [
          fx.message("m1", "Ana Kowalska ended the call", {
            detail: "12 min 4 s in Acme",
            action: {
              label: "Call back",
              request: { request: "dial", app: fx.ACME.id, handle: "+447700900123" },
            },
          }),
        ],
      }),
  },
  { name: "D-recents-desktop", size: DESKTOP, view: () => fx.view() },
  {
    name: "D2-recents-blocked",
    view: () => fx.view(),
    then: (page) => page.getByRole("button", { name: "Blocked" }).click(),
  },
  {
    name: "E1-blocking",
    size: { width: 390, height: 2600 },
    view: () => fx.withSources(),
    then: (page) => page.click("[data-page=blocking]"),
  },
  {
    name: "E1-blocking-320",
    size: { width: 320, height: 2800 },
    view: () => fx.withSources(),
    then: (page) => page.click("[data-page=blocking]"),
  },
  {
    name: "E1-blocking-desktop",
    size: { width: 1128, height: 2000 },
    view: () => fx.withSources(),
    then: (page) => page.click("[data-page=blocking]"),
  },
  {
    name: "E1-blocking-rtl",
    size: { width: 390, height: 2600 },
    dir: "rtl",
    view: () => fx.withSources(),
    then: (page) => page.click("[data-page=blocking]"),
  },
  {
    name: "B3-pill-desktop",
    size: DESKTOP,
    view: () => fx.view({ calls: [fx.call(fx.ana)] }),
    then: (page) => page.click("text=Recents"),
  },
  {
    name: "B3-pill-320",
    size: { width: 320, height: 568 },
    view: () => fx.view({ calls: [fx.call(long)] }),
    then: (page) => page.click("[data-id=add-call]"),
  },
  {
    name: "E-keyboard-desktop",
    size: { width: 1128, height: 900 },
    view: () => fx.view(),
    then: (page) => page.click("summary"),
  },
];

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

for (const theme of ["light", "dark"] as const) {
  for (const surface of SURFACES) {
    test(`${surface.name} in ${theme} is drawn and accessible`, async (t) => {
      const desk = await openDesk(t, browser, fx.view(), {
        viewport: surface.size ?? PHONE,
        colorScheme: theme,
        reducedMotion: "reduce",
      });
      const { page } = desk;
      if (surface.dir)
        await page.evaluate((dir) => (document.documentElement.dir = dir), surface.dir);
      await desk.show(surface.view());
      await surface.then?.(page);
      await settled(page);
      await page.evaluate(() => document.fonts.ready);
      await picture(page, `${surface.name}-${theme}`);
      await assertAccessible(page, surface.name);
    });
  }
}

/** An icon that the fake daemon has, and one that it has not. */
const ICONS = {
  [fx.ACME.id]: "/api/v1/apps/org.example.Acme/icon?v=1",
  [fx.MOBILE.id]: "/api/v1/apps/gone/icon?v=1",
};

test("an app's own icon stands beside its name, and its letter where there is none", async (t) => {
  const desk = await openDesk(t, browser, fx.view(), { viewport: DESKTOP });
  const { page } = desk;
  await desk.show(fx.view({ incoming: fx.ringing(fx.ana), icons: ICONS }));
  const own = page.locator(`[data-icon="${ICONS[fx.ACME.id]}"] .app-icon`).first();
  await own.waitFor();
  const mask = await own.evaluate((node) => getComputedStyle(node).maskImage);
  assert.match(mask, /icon\?v=1/);
  await picture(page, "A6-app-icon-desktop");
  await assertAccessible(page, "A6");
  await desk.show(fx.view({ incoming: fx.ringing(fx.omar), icons: ICONS }));
  await page.locator(".app").filter({ hasText: "M" }).first().waitFor();
  await desk.show(fx.view({ icons: ICONS }));
  await page.locator(".recents .app-icon, .app.s .app-icon").first().waitFor();
  await picture(page, "D1-app-icon-desktop");
  await assertAccessible(page, "D1");
});

/** Windows in which eight words stand in one row or in two. */
const WIDTHS = [320, 390, 640, 900, 1000, 1128, 1280, 1440, 1920];

test("no word of a grid button is cut, in any window", async (t) => {
  const desk = await openDesk(t, browser, fx.view({ calls: [fx.rich()] }));
  for (const width of WIDTHS) {
    await desk.page.setViewportSize({ width, height: 800 });
    await settled(desk.page);
    await desk.page.evaluate(() => document.fonts.ready);
    const cut = await desk.page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>(".tile .word")]
        .filter((word) => word.scrollWidth > word.clientWidth)
        .map((word) => word.textContent),
    );
    assert.deepEqual(cut, [], `at ${width} px`);
  }
});

/** With a second call about, the large End names its person. */
function withName<T extends { party: { title: string }; end: object }>(call: T): T {
  return { ...call, end: { ...call.end, detail: call.party.title } };
}
