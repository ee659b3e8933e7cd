import { render } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { App } from "../../src/app.tsx";
import { BUSY_AFTER_MS, Client, LOST_LONG_MS } from "../../src/client.ts";
import { Guard } from "../../src/guard.ts";
import { defaultBindings } from "../../src/keyboard.ts";
import type { Link } from "../../src/link.ts";
import type { RequestBody } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";
import { Region, SAID_STAYS_MS } from "../../src/regions.ts";
import { newer } from "./views.ts";

let client: Client;
let sent: RequestBody[];
let reloads: number;
let said: string[];
let accept: (outcome: { ok: true } | { ok: false; message: string }) => void;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  reloads = 0;
  said = [];
  document.body.innerHTML = '<div id="app"></div>';
  const root = document.getElementById("app") as HTMLElement;
  const guard = new Guard();
  const draw = () => {
    const page = {
      client,
      screen: client.screen,
      guard,
      wide: false,
      bindings: defaultBindings(),
      bind: () => undefined,
    };
    render(<App page={page} />, root);
  };
  client = new Client({
    draw,
    say: (sentence, urgent) => said.push([urgent ? "assertive" : "polite", sentence].join(": ")),
    hush: () => said.push("hush"),
    situation: () => ({ wide: false, typing: false, recentlyUsed: false }),
    reload: () => (reloads += 1),
    focus: () => undefined,
  });
  client.use({
    request: (body: RequestBody) => {
      sent.push(body);
      return new Promise((done) => (accept = done));
    },
    recents: async () => fx.recents(),
  } as unknown as Link);
  client.linkIs("open");
});
afterEach(async () => {
  await vi.advanceTimersByTimeAsync(100); // what the renderer still has to do
  render(null, document.getElementById("app") as HTMLElement);
  vi.useRealTimers();
});

describe("the page", () => {
  test("keeps its elements from view to view, so that focus and presses survive", () => {
    const first = fx.view({ calls: fx.twoCalls() });
    client.received(first);
    const mute = find("mute");
    const held = document.querySelector('[data-call="c1"]');
    client.received(newer(first, { calls: first.calls.map(fx.muted) }));
    expect(find("unmute")).toBe(mute);
    expect(mute.textContent).toContain("Unmute");
    client.received(newer(first, { revision: 10_000, calls: [...first.calls].reverse() }));
    expect(document.querySelector('[data-call="c1"]')?.isConnected).toBe(true);
    expect(held?.tagName).toBe("LI");
  });

  test("says why the chosen device is not heard, in the list or with the call", () => {
    const first = fx.view({ calls: [fx.call(fx.ana)], audio: fx.wanted() });
    client.received(first);
    const note = fx.wanted().note ?? "";
    expect(document.querySelector(".who")?.textContent).toContain(note);
    find("audio").click();
    expect(document.querySelector("[data-sheet=audio]")?.textContent).toContain(note);
    expect(document.querySelector(".opt.wanted")?.textContent).toContain("wanted, not in use");
    expect(document.querySelector(".who")?.textContent).not.toContain(note);
  });

  test("asks for two languages before it translates", async () => {
    client.received(fx.view({ calls: [fx.rich()] }));
    await vi.advanceTimersByTimeAsync(400);
    find("translate").click();
    const choices = document.querySelectorAll<HTMLSelectElement>("[data-sheet=languages] select");
    expect([...choices].map((one) => one.value)).toEqual(["en", "es"]);
    const other = choices[1] as HTMLSelectElement;
    other.value = "pl";
    other.dispatchEvent(new Event("change", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(400);
    find("translate-now").click();
    expect(sent).toEqual([{ request: "translate", call: "c1", local: "en", remote: "pl" }]);
  });

  test("shows a group as one card with two buttons for each of its members", async () => {
    client.received(fx.view({ calls: fx.mergeable() }));
    await vi.advanceTimersByTimeAsync(400);
    find("merge").click();
    expect(sent).toEqual([{ request: "merge", call: "c2", with: "c1" }]);
    client.received(fx.view({ calls: [fx.group()] }));
    expect(document.querySelectorAll(".who [data-member]")).toHaveLength(2);
    const mira = document.querySelector('.who [data-member="c3"]') as HTMLElement;
    const press = (id: string) => (mira.querySelector(`[data-id=${id}]`) as HTMLElement).click();
    await vi.advanceTimersByTimeAsync(400);
    press("private");
    press("end");
    (document.querySelector(".endbar") as HTMLElement).click();
    expect(sent.slice(1)).toEqual([
      { request: "split", call: "c3" },
      { request: "end", call: "c3" },
      { request: "end-group", call: "c1" },
    ]);
    expect(mira.textContent).toContain("Mira Oyelaran");
  });

  test("keeps the button to call back where one cannot, and says why", async () => {
    client.received(fx.view());
    await vi.advanceTimersByTimeAsync(400);
    const back = document.querySelector('[aria-label="Call Unknown back in Mobile"]');
    expect(back?.getAttribute("aria-disabled")).toBe("true");
    (back as HTMLElement).click();
    expect(sent).toEqual([]);
    expect(said.join()).toContain("Call back is not available. The number was withheld.");
    expect(document.querySelector(".unrung")?.textContent).toContain("did not ring");
  });

  test("sets the app's own buttons apart and sends what they carry", async () => {
    client.received(fx.view({ calls: [fx.rich()] }));
    await vi.advanceTimersByTimeAsync(400);
    expect(document.querySelectorAll(".own .btn")).toHaveLength(3);
    expect(document.querySelectorAll(".tiles .tile")).toHaveLength(8);
    expect(document.querySelector(".head .src")?.textContent).toContain("Work");
    find("app-door").click();
    find("app-record").click();
    expect(sent).toEqual([{ request: "press", call: "c1", button: "door" }]);
    expect(said.join()).toContain("Record is not available. The call is not connected yet.");
    const card = fx.ringing(fx.ana, { buttons: fx.ownButtons("in-1") });
    client.received(fx.view({ incoming: card }));
    expect(document.querySelector("[data-card] [data-id=app-gate]")?.textContent).toContain(
      "Unlock first",
    );
  });

  test("shows an offer of video, says it once, and sends what its buttons carry", async () => {
    client.received(fx.view({ calls: [fx.call(fx.ana)] }));
    said.length = 0;
    const offer = fx.view({ calls: [fx.offering()] });
    client.received(offer);
    client.received(newer(offer, {}));
    expect(said.filter((one) => one.includes("wants to switch to video"))).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(400);
    find("decline-video").click();
    find("agree-to-video").click();
    expect(sent).toEqual([
      { request: "decline-video", call: "c1" },
      { request: "video", call: "c1", on: true },
    ]);
  });

  test("asks whether digits that wait are to be sent", async () => {
    client.received(fx.view({ calls: [fx.waitingDigits()] }));
    await vi.advanceTimersByTimeAsync(400);
    expect(document.querySelector("[data-offer]")?.textContent).toContain("Send 1234?");
    find("send-rest").click();
    find("drop-rest").click();
    expect(sent).toEqual([
      { request: "send-rest", call: "c1" },
      { request: "drop-rest", call: "c1" },
    ]);
  });

  test("says what comes to the front as the view has it, and asks to change it", async () => {
    client.received(fx.view({ front: { on_answer: "stay", driving: true } }));
    await vi.advanceTimersByTimeAsync(400);
    const chip = (rule: string) => document.querySelector(`[data-rule=${rule}]`) as HTMLElement;
    expect(chip("stay").getAttribute("aria-pressed")).toBe("true");
    chip("stay").click();
    chip("app").click();
    (document.querySelector(".front [role=switch]") as HTMLElement).click();
    expect(sent).toEqual([{ request: "on-answer" }, { request: "driving", on: false }]);
    expect(chip("stay").getAttribute("aria-pressed")).toBe("true");
  });

  test("shows what a second call does, and asks for another rule", async () => {
    const row = (rule: "ring" | "busy" | "missed", chosen: boolean) => ({
      label: rule,
      detail: null,
      chosen,
      request: { request: "second-calls" as const, rule },
    });
    const rules = fx.view().rules;
    client.received(fx.view({
      rules: {
        ...rules,
        second_calls: [row("ring", true), row("busy", false), row("missed", false)],
        second_calls_of: [{
          title: "Acme: turn away as busy",
          remove: { request: "second-calls", app: "org.example.Acme" },
        }],
      },
    }));
    await vi.advanceTimersByTimeAsync(400);
    const rows = [...document.querySelectorAll<HTMLElement>(".rules [role=radio]")];
    expect(rows.map((one) => one.getAttribute("aria-checked"))).toEqual(["true", "false", "false"]);
    rows[0]?.click();
    rows[1]?.click();
    const remove = [...document.querySelectorAll<HTMLElement>(".rules .key-row button")];
    remove[0]?.click();
    expect(sent).toEqual([
      { request: "second-calls", rule: "busy" },
      { request: "second-calls", app: "org.example.Acme" },
    ]);
  });

  test("shows where it rings, and asks for another place", async () => {
    client.received(fx.view());
    await vi.advanceTimersByTimeAsync(400);
    const rows = () => [...document.querySelectorAll<HTMLElement>(".ring-on [role=radio]")];
    expect(rows().map((row) => row.getAttribute("aria-checked"))).toEqual([
      "true", "false", "false", "false",
    ]);
    rows()[0]?.click();
    rows()[3]?.click();
    expect(sent).toEqual([{ request: "ring-on", device: "speaker" }]);
    const away = fx.place("tv", "A device that is away", "Until it is back", true);
    client.received(fx.view({ ring_on: [fx.place("default", "Where everything plays"), away] }));
    await vi.advanceTimersByTimeAsync(400);
    expect(rows()[1]?.textContent).toContain("Until it is back");
    expect(rows()[1]?.getAttribute("aria-checked")).toBe("true");
  });

  test("calls with the account that it shows", async () => {
    const accounts = [
      { id: "w", label: "Work" },
      { id: "h", label: "Home" },
    ];
    client.received(fx.view({ apps: [{ ...fx.ACME, ready: true, accounts }] }));
    await vi.advanceTimersByTimeAsync(400);
    const field = document.getElementById("dial-handle") as HTMLInputElement;
    field.value = "123";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(100);
    find("call").click();
    expect(sent).toEqual([{ request: "dial", app: fx.ACME.id, handle: "123", account: "w" }]);
  });

  test("says who is talked to when calls come together, and who left", () => {
    client.received(fx.view({ calls: fx.mergeable() }));
    said.length = 0;
    client.received(fx.view({ calls: [fx.group({ call: "c2" })] }));
    expect(said.join()).not.toContain("Call with Ana");
    const alone = fx.call(fx.ana, { call: "c1" });
    client.received(fx.view({ calls: [fx.group()] }));
    said.length = 0;
    client.received(fx.view({ calls: [alone] }));
    expect(said.join()).toContain("Talking to Ana Kowalska.");
    expect(said.join()).toContain("Call with Mira Oyelaran ended.");
  });

  test("moves list items by their call, not by their place", () => {
    const first = fx.view({ calls: fx.twoCalls() });
    client.received(first);
    const held = document.querySelector('[data-call="c1"]');
    const more = fx.held(fx.omar, "c3");
    client.received(
      newer(first, { calls: [...first.calls.slice(0, 1), more, ...first.calls.slice(1)] }),
    );
    expect(document.querySelector('[data-call="c1"]')).toBe(held);
  });

  test("draws a card anew when its buttons mean something else", () => {
    const first = fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() });
    client.received(first);
    const card = document.querySelector("[data-card]");
    client.received(newer(first, { incoming: { ...fx.callWaiting(), silenced: true } }));
    expect(document.querySelector("[data-card]")).toBe(card);
    client.received(newer(first, { revision: 10_000, incoming: fx.callWaitingNoHold() }));
    expect(document.querySelector("[data-card]")).not.toBe(card);
  });

  test("shows a press as busy after a moment, sends it once, and waits for the view", async () => {
    const first = fx.view({ calls: [fx.call(fx.ana)] });
    client.received(first);
    await vi.advanceTimersByTimeAsync(400);
    find("hold").click();
    find("hold").click();
    expect(find("hold").getAttribute("aria-busy")).toBeNull();
    await vi.advanceTimersByTimeAsync(BUSY_AFTER_MS + 1);
    expect(find("hold").textContent).toContain("Holding");
    accept({ ok: true });
    await vi.advanceTimersByTimeAsync(60);
    expect(find("hold").textContent).toContain("Holding");
    client.received(newer(first, {}));
    await vi.advanceTimersByTimeAsync(60);
    expect(find("hold").textContent).toContain("Hold");
    expect(find("hold").getAttribute("aria-busy")).toBeNull();
    expect(sent).toHaveLength(1);
  });

  test("without a link buttons are busy under their own words and send nothing", () => {
    client.received(fx.view({ calls: [fx.call(fx.ana)] }));
    client.linkIs("lost");
    find("end").click();
    expect(find("end").getAttribute("aria-busy")).toBe("true");
    expect(find("end").textContent).toContain("End");
    expect(find("end").textContent).not.toContain("Ending");
    expect(sent).toEqual([]);
  });

  test("shows a refusal as a message in the daemon's words", async () => {
    client.received(fx.view({ calls: [fx.call(fx.ana)] }));
    find("mute").click();
    accept({ ok: false, message: "The call has just ended." });
    await vi.advanceTimersByTimeAsync(1);
    expect(document.querySelector(".msg")?.textContent).toContain("The call has just ended.");
  });

  test("a message goes 10 s after the window had the focus, and not before it had", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    client.received(fx.view({ messages: [fx.message("m1", "Omar ended the call")] }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(row("m1")).not.toBeNull();
    dispatchEvent(new Event("focus"));
    await vi.advanceTimersByTimeAsync(9_900);
    expect(row("m1")).not.toBeNull();
    await vi.advanceTimersByTimeAsync(500);
    expect(row("m1")).toBeNull();
    focus.mockRestore();
  });

  test("a message under the pointer stays", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(true);
    client.received(fx.view({ messages: [fx.message("m1", "Omar ended the call")] }));
    await vi.advanceTimersByTimeAsync(100);
    row("m1")?.dispatchEvent(new Event("mouseenter"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(row("m1")).not.toBeNull();
    row("m1")?.dispatchEvent(new Event("mouseleave"));
    await vi.advanceTimersByTimeAsync(11_000);
    expect(row("m1")).toBeNull();
    focus.mockRestore();
  });

  test("during a call an alert goes after 30 s by itself, without a new view", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const messages = [fx.message("m1", "Acme refused to hold", { alert: true })];
    client.received(fx.view({ calls: [fx.call(fx.ana)], messages }));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(row("m1")).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(row("m1")).toBeNull();
    focus.mockRestore();
  });

  test("a link that stays lost is told with what to do, once; then the sentence goes", async () => {
    client.received(fx.view({ calls: [fx.call(fx.ana)] }));
    client.linkIs("lost");
    expect(client.lostSentence()).toBe("Not connected to Hookswitch. Your call goes on.");
    await vi.advanceTimersByTimeAsync(LOST_LONG_MS + 1);
    const advice = "If it stays away, start hookswitchd; then this page connects by itself.";
    expect(document.querySelector(".link-note")?.textContent).toBe(
      `Not connected to Hookswitch. Your call goes on. ${advice}`,
    );
    client.linkIs("open");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(document.querySelector(".link-note")).toBeNull();
    expect(said.filter((one) => one.includes(advice))).toEqual([`polite: ${advice}`]);
  });

  test("takes an announced ring back when it is over", () => {
    const first = fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() });
    client.received(first);
    said = [];
    client.received(newer(first, { incoming: null, calls: [] }));
    expect(said).toContain("hush");
    expect(said.filter((one) => one.startsWith("assertive"))).toEqual([]);
  });

  test("loads anew when the revision shrinks", () => {
    const old = fx.view();
    client.received(fx.view());
    client.received(old);
    expect(reloads).toBe(1);
  });
});

describe("the press guard", () => {
  test("refuses a press that began within 300 ms of the card, lets a later one through", () => {
    let now = 1_000;
    const guard = new Guard(() => now);
    const card = document.createElement("div");
    const button = card.appendChild(document.createElement("button"));
    guard.stamp(card);
    expect(guard.allows(button, 900)).toBe(false);
    now = 1_299;
    expect(guard.allows(button, now)).toBe(false);
    expect(guard.allows(button, 1_300)).toBe(true);
    expect(card.dataset["guard"]).toBe("");
    vi.advanceTimersByTime(301);
    expect(card.dataset["guard"]).toBeUndefined();
  });
});

describe("the live regions", () => {
  test("say an equal sentence again, and keep none for longer than 10 s", () => {
    const element = document.createElement("div");
    const region = new Region(element);
    region.say("Muted.");
    vi.advanceTimersByTime(30);
    const first = element.firstChild;
    region.say("Muted.");
    vi.advanceTimersByTime(30);
    expect(element.textContent).toBe("Muted.");
    expect(element.firstChild).not.toBe(first);
    vi.advanceTimersByTime(SAID_STAYS_MS);
    expect(element.childNodes).toHaveLength(0);
  });

  test("a sentence taken back before it came is not said", () => {
    const element = document.createElement("div");
    const region = new Region(element);
    region.say("Second call.");
    region.clear();
    vi.advanceTimersByTime(SAID_STAYS_MS);
    expect(element.childNodes).toHaveLength(0);
  });
});

function row(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-message="${id}"]`);
}

function find(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!found) throw new Error(`no ${id} in ${document.body.textContent}`);
  return found;
}
