import { render } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { App } from "../../src/app.tsx";
import { BUSY_AFTER_MS, Client } from "../../src/client.ts";
import { Guard } from "../../src/guard.ts";
import { defaultBindings } from "../../src/keyboard.ts";
import type { Link } from "../../src/link.ts";
import type { RequestBody } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";
import { newer } from "./views.ts";

let client: Client;
let sent: RequestBody[];
let reloads: number;
let accept: (outcome: { ok: true } | { ok: false; message: string }) => void;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  reloads = 0;
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
    say: () => undefined,
    situation: () => ({ wide: false, typing: false, recentlyUsed: false }),
    reload: () => (reloads += 1),
    focus: () => undefined,
  });
  client.use({
    request: (body: RequestBody) => {
      sent.push(body);
      return new Promise((done) => (accept = done));
    },
    recents: async () => [],
  } as unknown as Link);
  client.linkIs("open");
});
afterEach(() => vi.useRealTimers());

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

function find(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (!found) throw new Error(`no ${id} in ${document.body.textContent}`);
  return found;
}
