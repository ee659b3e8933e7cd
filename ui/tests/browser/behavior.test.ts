/** What a person does with keys, a pointer and a screen reader, and what must never happen. */
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";

import * as fx from "../fixtures.ts";
import {
  DESKTOP,
  HANG_MS,
  PHONE,
  arrived,
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

test("a ringing call is answered with Tab and Enter alone", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ incoming: fx.ringing(fx.ana) }));
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Answer");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Decline");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Silence, Ana Kowalska");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  assert.deepEqual(await arrived(daemon, "answer"), {
    request: "answer",
    call: "in-1",
    mode: "auto",
  });
});

test("a press shows busy, a second sends nothing, the daemon takes the card away", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ incoming: fx.ringing(fx.ana) }));
  await page.click("[data-id=answer]");
  await page.getByRole("button", { name: "Answering" }).waitFor({ timeout: HANG_MS });
  await page.click("[data-id=answer]");
  assert.equal(daemon.requests.length, 1);
  await show(fx.view({ calls: [fx.call(fx.ana)] }));
  await page.getByRole("button", { name: "End call with Ana Kowalska" }).waitFor();
  assert.equal(await page.getByRole("alertdialog").count(), 0);
  await said(page, "polite", "Connected to Ana Kowalska.");
});

test("Escape silences a focused card and never declines", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ incoming: fx.ringing(fx.ana) }));
  await page.keyboard.press("Escape");
  assert.deepEqual(await arrived(daemon, "silence"), { request: "silence", call: "in-1" });
  await show(fx.view({ incoming: fx.ringing(fx.ana, { silenced: true }) }));
  await said(page, "polite", "Ringing silenced.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  assert.deepEqual(kinds(daemon), ["silence"]);
});

for (const [first, chords] of [
  ["Ctrl", "Control+Shift+"],
  ["Alt", "Alt+Shift+"],
] as const) {
  test(`the ${first} set of keys answers, declines, mutes, holds and ends`, async (t) => {
    const { page, daemon, show } = await openDesk(t, browser, fx.view());
    await show(fx.view({ incoming: fx.ringing(fx.ana) }));
    await page.keyboard.press(`${chords}A`);
    await arrived(daemon, "answer");
    await page.keyboard.press(`${chords}D`);
    await arrived(daemon, "decline");
    await show(fx.view({ calls: [fx.call(fx.ana)] }));
    await page.keyboard.press(`${chords}M`);
    assert.deepEqual(await arrived(daemon, "mute"), { request: "mute", call: "c1", on: true });
    await page.keyboard.press(`${chords}H`);
    await arrived(daemon, "hold");
    await page.keyboard.press(`${chords}E`);
    assert.deepEqual(await arrived(daemon, "end"), { request: "end", call: "c1" });
    await show(fx.view({ calls: fx.twoCalls() }));
    await page.keyboard.press(`${chords}S`);
    await arrived(daemon, "swap");
  });
}

test("over a live call the answer key holds and answers, or only points at the card", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await show(
    fx.view({ calls: [fx.cannotHold(fx.call(fx.ana))], incoming: fx.callWaitingNoHold() }),
  );
  await page.keyboard.press("Alt+Shift+A");
  await said(page, "assertive", "Hold & Answer is not available. Acme cannot hold calls.");
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute("role")),
    "alertdialog",
  );
  assert.deepEqual(kinds(daemon), []);
  await show(fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }));
  await page.keyboard.press("Alt+Shift+A");
  assert.deepEqual(await arrived(daemon, "answer"), {
    request: "answer",
    call: "in-2",
    mode: "hold",
  });
});

test("a waiting card says what each choice does, and Tab begins with Hold & Answer", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await show(fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }));
  const card = page.getByRole("alertdialog", { name: "Omar Haddad" });
  await card.waitFor();
  await said(
    page,
    "assertive",
    "Second call. Omar Haddad, Mobile. You are talking to Ana Kowalska.",
  );
  const ends = card.getByRole("button", { name: "End & Answer" });
  assert.equal(await describedBy(page, ends), "Ends the call with Ana Kowalska in Acme.");
  assert.match((await describedBy(page, card)) ?? "", /End & Answer ends the call in Acme\./);
  const order: string[] = [];
  for (let press = 0; press < 3; press += 1) {
    await page.keyboard.press("Tab");
    order.push((await focused(page)).split("\n")[0] ?? "");
  }
  assert.deepEqual(
    order.map((one) => one.replace(/ (Ana|Ends|Omar).*/, "")),
    ["Hold & Answer", "End & Answer", "Decline"],
  );
});

for (const size of [PHONE, DESKTOP]) {
  test(`nothing that comes up covers or moves End at ${size.width} px`, async (t) => {
    const calls = [fx.call(fx.ana)];
    const { page, show } = await openDesk(t, browser, fx.view({ calls }), { viewport: size });
    const end = page.locator(".callpage .end-row .endbar");
    const place = await end.boundingBox();
    const same = async () => {
      await settled(page);
      assert.deepEqual(await end.boundingBox(), place);
      assert.ok(await onTop(page, "end"), "End is covered");
    };
    await show(fx.view({ calls, incoming: fx.callWaiting() }));
    await same();
    const failed = fx.message("m1", "Acme did not hold in 2 s", { alert: true });
    await show(fx.view({ calls, messages: [failed] }));
    await same();
    await show(fx.view({ calls }));
    await page.click("[data-id=audio]");
    assert.ok(await onTop(page, "end"), "End is covered by the audio list");
    await page.keyboard.press("Escape");
    await page.click("[data-id=keypad]");
    await same();
    await show(fx.view({ calls: fx.twoCalls() }));
    assert.ok(await onTop(page, "end"), "End is covered with two calls");
  });
}

test("Answer is right of Decline on every card, in every direction", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view());
  for (const dir of ["ltr", "rtl"]) {
    await page.evaluate((value) => (document.documentElement.dir = value), dir);
    for (const size of [PHONE, DESKTOP, { width: 320, height: 568 }]) {
      await page.setViewportSize(size);
      for (const incoming of [
        fx.ringing(fx.ana),
        fx.callWaiting(),
        fx.callWaitingNoHold(),
        fx.callWaitingTwo(),
      ]) {
        const calls = incoming.waiting ? [fx.call(fx.ana)] : [];
        await show(fx.view({ incoming, calls }));
        const decline = await page.locator("[data-card] [data-id=decline]").boundingBox();
        const answers = page.locator("[data-card] [data-id$=answer]");
        for (const answer of await answers.all()) {
          const box = await answer.boundingBox();
          const beside =
            box && decline && box.y < decline.y + decline.height && decline.y < box.y + box.height;
          if (beside) assert.ok(box.x >= decline.x + decline.width, `${dir} ${size.width}`);
        }
      }
    }
  }
});

test("a press that began before a card was there for 300 ms does nothing", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.view());
  await page.mouse.move(292, 735);
  await page.mouse.down();
  daemon.show(fx.view({ incoming: fx.ringing(fx.ana) }));
  await page.getByRole("alertdialog").waitFor();
  await page.mouse.up();
  await page.evaluate(() => document.querySelector<HTMLElement>("[data-id=answer]")?.click());
  await settled(page);
  assert.deepEqual(kinds(daemon), []);
  assert.equal(
    await page.evaluate(
      () => document.elementFromPoint(292, 735)?.closest("button")?.dataset["id"],
    ),
    "answer",
  );
  await page.mouse.down();
  await page.mouse.up();
  await arrived(daemon, "answer");
});

test("when the other call ends, the card is drawn anew and at first ignores presses", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await show(fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }));
  daemon.show(fx.view({ incoming: fx.ringing(fx.omar, { call: "in-2" }) }));
  await page.locator("[data-surface=A]").waitFor();
  await page.evaluate(() => document.querySelector<HTMLElement>("[data-id=answer]")?.click());
  await settled(page);
  assert.deepEqual(kinds(daemon), []);
  assert.equal(
    await page.evaluate(() => document.activeElement?.getAttribute("role")),
    "alertdialog",
  );
});

test("a person who types keeps the focus; the call comes as a banner", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await page.fill("#dial-handle", "+44 77");
  await show(fx.view({ incoming: fx.ringing(fx.ana) }));
  await page.locator("[data-surface=B1]").waitFor();
  await page.keyboard.type("00");
  assert.equal(await page.inputValue("#dial-handle"), "+44 7700");
  await page.keyboard.press("Escape");
  assert.deepEqual(kinds(daemon), []);
  await picture(page, "B1-banner-phone");
});

test("a desktop page in use shows a banner; a click on it opens the full card", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view(), { viewport: DESKTOP });
  await settled(page);
  await page.click("text=Missed");
  await show(fx.view({ incoming: fx.ringing(fx.ana), more_ringing: 1 }));
  assert.equal(await focused(page), "Missed");
  await settled(page);
  await picture(page, "B1-banner-desktop");
  await page.click(".banner .body .name");
  await page.locator("[data-surface=A]").waitFor();
  await show(fx.view());
  await page.waitForFunction(() => document.activeElement?.textContent?.includes("Missed"));
});

test("a button that cannot work keeps the focus, sends nothing and says why", async (t) => {
  const calls = [fx.cannotHold(fx.call(fx.ana))];
  const { page, daemon } = await openDesk(t, browser, fx.view({ calls }));
  const hold = page.locator("[data-id=hold]");
  await settled(page);
  assert.equal(await hold.getAttribute("aria-disabled"), "true");
  await hold.focus();
  await page.keyboard.press("Enter");
  await said(page, "polite", "Hold is not available. Acme cannot hold calls.");
  assert.equal(await describedBy(page, hold), "Acme cannot hold calls.");
  assert.deepEqual(kinds(daemon), []);
  await picture(page, "C3-reason-shown");
});

test("two calls are merged, one is taken private, and End all ends the group", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ calls: fx.mergeable() }));
  await page.click(".tiles [data-id=merge]");
  const merge = { request: "merge", call: "c2", with: "c1" };
  assert.deepEqual(await arrived(daemon, "merge"), merge);
  await show(fx.view({ calls: [fx.group()] }));
  await page.locator(".who").getByRole("button", { name: "Private, Mira Oyelaran" }).click();
  assert.deepEqual(await arrived(daemon, "split"), { request: "split", call: "c3" });
  await show(fx.view({ calls: [fx.group()] }));
  await page.locator(".who").getByRole("button", { name: "End, Ana Kowalska" }).click();
  assert.deepEqual(await arrived(daemon, "end"), { request: "end", call: "c1" });
  await page.click(".endbar");
  assert.deepEqual(await arrived(daemon, "end-group"), { request: "end-group", call: "c1" });
});

test("digits go one after the other, and only while the keypad is open", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await settled(page);
  await page.keyboard.type("99");
  await page.click("[data-id=keypad]");
  await page.keyboard.type("2047#");
  await page.locator(".digits-text", { hasText: "#" }).waitFor({ timeout: HANG_MS });
  const sent = daemon.requests.map((one) => (one.request === "digits" ? one.digits : one.request));
  assert.equal(sent.join(""), "2047#");
  await page.keyboard.press("ArrowRight");
  assert.match(await focused(page), /^2/);
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /Keypad/);
  assert.ok(!kinds(daemon).includes("end"));
});

test("a lost link is said, keeps everything on the screen, and heals by itself", async (t) => {
  const { page, daemon, url } = await openDesk(t, browser, fx.view({ calls: [fx.call(fx.ana)] }));
  await settled(page);
  await daemon.stop();
  await page.getByText("Not connected to Hookswitch. Your call goes on.").first().waitFor();
  assert.equal(await page.locator(".endbar").getAttribute("aria-busy"), "true");
  assert.ok(await page.locator(".who .name").isVisible());
  await picture(page, "link-lost");
  await page.click(".endbar");
  assert.deepEqual(kinds(daemon), []);
  assert.equal(await daemon.start(), url);
  await page.locator(".link-note").waitFor({ state: "detached", timeout: HANG_MS });
  await said(page, "polite", "Connected to Hookswitch.");
  await page.click(".endbar");
  await arrived(daemon, "end");
});

test("a daemon that starts anew makes the page load anew", async (t) => {
  const old = fx.view();
  const { page, daemon } = await openDesk(t, browser, fx.view());
  const loaded = page.waitForEvent("load", { timeout: HANG_MS });
  daemon.show(old);
  await loaded;
});

test("title and icon of the tab tell a ringing call", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ incoming: fx.ringing(fx.ana) }));
  assert.equal(await page.title(), "Ana Kowalska is calling \u00b7 Hookswitch");
  assert.match((await page.locator("link[rel=icon]").getAttribute("href")) ?? "", /ringing/);
  await show(fx.view());
  assert.equal(await page.title(), "Hookswitch");
});

test("the keyboard reaches an offer, the app's buttons and the rule for answering", async (t) => {
  const { page, daemon, show } = await openDesk(t, browser, fx.view());
  await settled(page);
  await page.locator(".front summary").focus();
  await page.keyboard.press("Enter");
  await page.locator("[data-rule=open-app]").focus();
  await page.keyboard.press("Enter");
  await arrived(daemon, "on-answer");
  await show(fx.view({ calls: [fx.offering()] }));
  await page.locator("[data-id=decline-video]").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await arrived(daemon, "video");
  await show(fx.view({ calls: [fx.rich()] }));
  await page.locator("[data-id=app-door]").focus();
  await page.keyboard.press("Enter");
  await arrived(daemon, "press");
});

test("the recents filter, unfold and call back", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.view());
  await settled(page);
  await page.getByRole("button", { name: /Omar Haddad.*Show all 3 calls/ }).click();
  assert.equal(await page.locator(".attempts li").count(), 3);
  await page.getByRole("button", { name: "Call Ana Kowalska back in Acme" }).first().click();
  await arrived(daemon, "dial");
  await page.getByRole("button", { name: "Blocked" }).click();
  await page.getByText("Blocked. “FritzList” blocks +447700900789.").waitFor();
});

test("a refused call is told in the daemon's words and the number stays", async (t) => {
  const { page, daemon } = await openDesk(t, browser, fx.view());
  await settled(page);
  const message = "Acme cannot call this address. Check the number and try again.";
  daemon.refusal = { status: 422, error: "InvalidHandle", message };
  await page.fill("#dial-handle", "nobody");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText(message).waitFor();
  assert.equal(await page.inputValue("#dial-handle"), "nobody");
});

test("an app's text is never markup, and its direction marks are gone", async (t) => {
  const evil = fx.party("<img src=x onerror=alert(1)>\u202Egnp", "<b>", fx.ACME, null);
  const { page, show } = await openDesk(t, browser, fx.view());
  await show(fx.view({ incoming: fx.ringing(evil) }));
  const name = await page.locator("[data-card] h1").textContent();
  assert.equal(name, "<img src=x onerror=alert(1)>gnp");
});

test("at 200 % text and 320 px nothing leaves the window, and the pair stays whole", async (t) => {
  const { page, show } = await openDesk(t, browser, fx.view(), {
    viewport: { width: 320, height: 640 },
  });
  await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  for (const next of [
    fx.view({ incoming: fx.ringing(fx.ana) }),
    fx.view({ calls: [fx.call(fx.ana)] }),
    fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() }),
    fx.view({ calls: fx.twoCalls() }),
    fx.view(),
  ]) {
    await show(next);
    const over = await page.evaluate(
      () => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - innerWidth,
    );
    await picture(page, `text-200-${next.incoming?.call ?? "none"}-${next.calls.length}`);
    assert.ok(over <= 0, `${over} px too wide at ${next.incoming?.call}, ${next.calls.length}`);
  }
});

for (const [name, options] of [
  ["contrast", { contrast: "more" }],
  ["forced-colors", { forcedColors: "active" }],
] as const) {
  test(`with ${name} every control has an outline`, async (t) => {
    const { page, show } = await openDesk(t, browser, fx.view(), options);
    await show(fx.view({ incoming: fx.ringing(fx.ana) }));
    await picture(page, `mode-${name}-incoming`);
    await show(fx.view({ calls: [fx.cannotHold(fx.muted(fx.call(fx.ana)))] }));
    await picture(page, `mode-${name}-call`);
    const bare = await page.locator(".tile").evaluateAll(
      (tiles) =>
        tiles.filter((tile) => {
          const style = getComputedStyle(tile);
          const filled = tile.classList.contains("on");
          return !filled && style.boxShadow === "none" && style.borderStyle === "none";
        }).length,
    );
    assert.equal(bare, 0);
  });
}

function kinds(daemon: { requests: { request: string }[] }): string[] {
  return daemon.requests.map((one) => one.request);
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    return at?.getAttribute("aria-label") ?? at?.innerText ?? "";
  });
}

async function said(page: Page, region: "polite" | "assertive", sentence: string): Promise<void> {
  await page.locator(`#${region}`, { hasText: sentence }).waitFor({
    state: "attached",
    timeout: HANG_MS,
  });
}

async function describedBy(page: Page, of: ReturnType<Page["locator"]>): Promise<string | null> {
  const ids = (await of.getAttribute("aria-describedby")) ?? "";
  return page.evaluate(
    (list) => list.map((id) => document.getElementById(id)?.textContent).join(" "),
    ids.split(" "),
  );
}

/** Whether what the pointer hits in the middle of the large End is an End. */
async function onTop(page: Page, what: string): Promise<boolean> {
  return page.evaluate((id) => {
    const box = document.querySelector(".callpage .end-row .endbar")?.getBoundingClientRect();
    if (!box) return false;
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return hit?.closest("button")?.dataset["id"] === id;
  }, what);
}
