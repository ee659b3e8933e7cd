import { describe, expect, test } from "vitest";

import { follow } from "../../src/change.ts";
import type { CallView, View } from "../../src/contract.ts";
import * as fx from "../fixtures.ts";

const one = fx.call(fx.ana);
const card = (id: string, muted = false): CallView => ({ ...one, call: id, muted });
const view: View = { ...fx.view(), revision: 7, calls: [card("a"), card("b")] };
const ids = (shown: View | null) => shown?.calls.map((one) => one.call);

describe("a change of the view", () => {
  test("replaces cards in place and leaves the rest", () => {
    const change = { from: 7, revision: 8, calls: [card("a", true)], fields: {} };
    const after = follow(view, change);
    expect(after).toEqual({ ...view, revision: 8, calls: [card("a", true), card("b")] });
  });

  test("adds, removes and moves cards by the order it names", () => {
    const change = { from: 7, revision: 9, calls: [card("c")], order: ["c", "b"], fields: {} };
    expect(ids(follow(view, change))).toEqual(["c", "b"]);
    const all = { from: 7, revision: 9, calls: [], order: ["b", "a"], fields: {} };
    expect(ids(follow(view, all))).toEqual(["b", "a"]);
    const none = { from: 7, revision: 9, calls: [], order: [], fields: {} };
    expect(ids(follow(view, none))).toEqual([]);
  });

  test("takes the fields it names, also when they are empty now", () => {
    const change = { from: 7, revision: 8, calls: [], fields: { incoming: null, now_ms: 5 } };
    const after = follow({ ...view, incoming: fx.ringing(fx.ana) }, change);
    expect([after?.incoming, after?.now_ms]).toEqual([null, 5]);
  });

  test("is refused when it begins elsewhere or names a card that nobody knows", () => {
    const change = { from: 6, revision: 8, calls: [], fields: {} };
    expect(follow(view, change)).toBeNull();
    expect(follow(null, change)).toBeNull();
    const unknown = { from: 7, revision: 8, calls: [], order: ["z"], fields: {} };
    expect(follow(view, unknown)).toBeNull();
  });
});
