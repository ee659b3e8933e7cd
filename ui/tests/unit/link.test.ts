import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { LinkState } from "../../src/link.ts";
import { Link, OPEN_LIMIT_MS, RETRY_MAX_MS, retryWait } from "../../src/link.ts";
import type { Frame, View, ViewChange } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";

class FakeSocket extends EventTarget {
  close(): void {
    this.dispatchEvent(new Event("close"));
  }
  send(view: View): void {
    this.frame({ type: "view", view });
  }
  frame(frame: Frame): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}

let sockets: FakeSocket[];
let states: LinkState[];
let views: View[];
let status: number;
let link: Link;

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, states, views, status] = [[], [], [], 200];
  const socket = () => {
    sockets.push(new FakeSocket());
    return sockets.at(-1) as unknown as WebSocket;
  };
  const answer = async () => new Response(JSON.stringify({ message: "No such call." }), { status });
  link = new Link(
    new URL("http://127.0.0.1:8733/"),
    { socket, fetch: answer as typeof fetch, chance: () => 1 },
    { view: (view) => views.push(view), state: (state) => states.push(state) },
  );
});
afterEach(() => vi.useRealTimers());

describe("the link", () => {
  test("waits longer after each loss, up to a bound", () => {
    const waits = [0, 1, 2, 5, 50].map((tries) => retryWait(tries, 1));
    expect(waits).toEqual([250, 500, 1000, 8000, RETRY_MAX_MS]);
    expect(retryWait(3, 0)).toBeLessThan(retryWait(3, 1));
  });

  test("hands on views and heals after a loss", async () => {
    link.open();
    sockets[0]?.send(fx.view());
    sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(251);
    sockets[1]?.send(fx.view());
    expect(states).toEqual(["open", "lost", "open"]);
    expect(views).toHaveLength(2);
  });

  test("adds changes up, and begins anew when one does not fit", async () => {
    link.open();
    const first = fx.view({ revision: 3, more_ringing: 0 });
    sockets[0]?.send(first);
    const change: ViewChange = { from: 3, revision: 4, calls: [], fields: { more_ringing: 2 } };
    sockets[0]?.frame({ type: "change", change });
    expect(views.at(-1)).toEqual({ ...first, revision: 4, more_ringing: 2 });
    sockets[0]?.frame({ type: "change", change });
    await vi.advanceTimersByTimeAsync(251);
    expect(views).toHaveLength(2);
    expect(sockets).toHaveLength(2);
    sockets[1]?.frame({ type: "change", change: { ...change, from: 4, revision: 5 } });
    expect(states).toEqual(["open", "open", "lost", "lost"]);
  });

  test("gives up a socket that stays silent", async () => {
    link.open();
    await vi.advanceTimersByTimeAsync(OPEN_LIMIT_MS + 300);
    expect(sockets).toHaveLength(2);
  });

  test("tells a refused key from a lost link", async () => {
    status = 401;
    link.open();
    sockets[0]?.close();
    await vi.advanceTimersByTimeAsync(1);
    expect(states).toEqual(["lost", "refused"]);
  });

  test("returns a refusal in the daemon's words", async () => {
    status = 404;
    const outcome = await link.request({ request: "end", call: "x" });
    expect(outcome).toEqual({ ok: false, message: "No such call." });
  });

  test("ignores what is not a view", () => {
    link.open();
    sockets[0]?.dispatchEvent(new MessageEvent("message", { data: "{" }));
    sockets[0]?.dispatchEvent(new MessageEvent("message", { data: '{"type":"other"}' }));
    expect(states).toEqual([]);
  });
});
