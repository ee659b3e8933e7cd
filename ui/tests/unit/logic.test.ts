import { describe, expect, test } from "vitest";

import { announce, ringGone } from "../../src/announce.ts";
import type { View } from "../../src/contract.ts";
import { clock, dayName, isNumber, plainText, spokenDuration } from "../../src/format.ts";
import type { KeyLike } from "../../src/keyboard.ts";
import {
  actionOf,
  chordOf,
  defaultBindings,
  digitOf,
  readBindings,
  rebind,
} from "../../src/keyboard.ts";
import { answers, planFor } from "../../src/plan.ts";
import type { Situation } from "../../src/presentation.ts";
import { cardKey, firstPresentation, settle, visibleMessages } from "../../src/presentation.ts";
import { byDay } from "../../src/recents.ts";
import { arrowTarget } from "../../src/parts/arrows.ts";
import * as fx from "../fixtures.ts";
import { newer, withState } from "./views.ts";

describe("times and names", () => {
  test.each([
    [0, "00:00"],
    [-5, "00:00"],
    [48_999, "00:48"],
    [724_000, "12:04"],
    [3_724_000, "1:02:04"],
  ])("a call of %i ms shows %s", (ms, text) => expect(clock(ms)).toBe(text));

  test.each([
    [0, "0 seconds"],
    [724_000, "12 minutes 4 seconds"],
    [3_600_000, "1 hour"],
  ])("a call of %i ms is said as %s", (ms, text) => expect(spokenDuration(ms)).toBe(text));

  test("a name loses control characters and bidirectional overrides", () => {
    expect(plainText("Ana\u202E\u0007 K\u2066o")).toBe("Ana Ko");
  });

  test("numbers are told apart from names", () => {
    expect([isNumber("+44 7700 900123"), isNumber("Ana 3"), isNumber("12")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("the recents", () => {
  const now = new Date(2026, 10, 22, 15, 0).getTime();
  const at = (hour: number, back = 0) => new Date(2026, 10, 22 - back, hour).getTime();

  test("days are named from now", () => {
    expect([dayName(at(0), now), dayName(at(23, 1), now)]).toEqual(["Today", "Yesterday"]);
    expect(dayName(at(12, 6), now)).toMatch(/Monday/);
  });

  test("calls of one person in a row share a row, and none is lost", () => {
    const list = [
      fx.entry("1", fx.ana, "a", at(14)),
      fx.entry("2", fx.ana, "b", at(13)),
      { ...fx.entry("3", fx.ana, "c", at(12)), missed: true },
      fx.entry("4", fx.omar, "d", at(11)),
      fx.entry("5", fx.ana, "e", at(10, 1)),
    ];
    const rows = byDay(list, now).map((day) =>
      day.rows.map((row) => row.entries.map((one) => one.id)),
    );
    expect(rows).toEqual([[["1", "2"], ["3"], ["4"]], [["5"]]]);
  });
});

describe("the keyboard", () => {
  const bindings = defaultBindings();

  test.each([
    [{ ctrlKey: true, shiftKey: true, key: "A" }, "answer"],
    [{ altKey: true, shiftKey: true, key: "d" }, "decline"],
    [{ altKey: true, shiftKey: true, key: "\u00cb", code: "KeyE" }, "end"],
    [{ ctrlKey: true, shiftKey: true, key: "M", repeat: true }, null],
    [{ key: "a" }, null],
    [{ shiftKey: true, key: "A" }, null],
    [{ key: "Escape" }, null],
  ])("press %# means its action", (part, action) =>
    expect(actionOf(key(part), bindings)).toBe(action),
  );

  test("switched off, no chord acts", () => {
    const off = { ...bindings, on: false };
    expect(actionOf(key({ ctrlKey: true, shiftKey: true, key: "A" }), off)).toBeNull();
  });

  test("digits have no modifier", () => {
    expect([digitOf(key({ key: "#" })), digitOf(key({ key: "5", ctrlKey: true }))]).toEqual([
      "#",
      null,
    ]);
  });

  test("a new chord needs a modifier and must be free", () => {
    expect(rebind(bindings, "answer", chordOf(key({ key: "y" }))).bindings).toBeNull();
    expect(rebind(bindings, "answer", "Ctrl+Shift+D").say).toMatch(/Already used/);
    expect(rebind(bindings, "answer", "Ctrl+Y").bindings?.chords.answer).toEqual(["Ctrl+Y"]);
  });

  test("odd bindings from an earlier visit fall back", () => {
    expect(readBindings("{")).toEqual(bindings);
    expect(readBindings('{"on":false,"chords":{"end":["F9"]}}').chords.end).toEqual(["F9"]);
  });

  test("arrows stay in the keypad", () => {
    expect([arrowTarget("ArrowDown", 1, 12, 3), arrowTarget("ArrowUp", 1, 12, 3)]).toEqual([
      4,
      null,
    ]);
  });
});

describe("what an action does", () => {
  const live = [fx.call(fx.ana)];

  test("over a live call the answer key holds and answers", () => {
    const step = planFor("answer", fx.view({ calls: live, incoming: fx.callWaiting() }));
    expect(step).toMatchObject({ step: "send", request: { mode: "hold" } });
  });

  test("where holding is impossible it only points at the card", () => {
    const step = planFor("answer", fx.view({ calls: live, incoming: fx.callWaitingNoHold() }));
    expect(step).toMatchObject({ step: "focus-card" });
    const two = planFor("answer", fx.view({ calls: fx.twoCalls(), incoming: fx.callWaitingTwo() }));
    expect(two.step).toBe("focus-card");
  });

  test("the end key ends the active call and never a held one", () => {
    const both = planFor("end", fx.view({ calls: fx.twoCalls() }));
    expect(both).toMatchObject({ request: { request: "end", call: "c2" } });
    expect(planFor("end", fx.view({ calls: [fx.held(fx.ana, "c1")] })).step).toBe("say");
  });

  test("a disabled button's key says its reason", () => {
    const step = planFor("hold", fx.view({ calls: [fx.cannotHold(fx.call(fx.ana))] }));
    expect(step).toEqual({
      step: "say",
      say: "Hold is not available. Acme cannot hold calls.",
    });
  });

  test("the main way to answer comes first", () => {
    const ids = answers(fx.callWaiting().choices).map((one) => one.id);
    expect(ids).toEqual(["hold-and-answer", "end-and-answer"]);
  });
});

describe("the presentation", () => {
  const idle: Situation = { wide: false, typing: false, recentlyUsed: true };
  const start = firstPresentation();

  test("a card is full on an idle page, a banner where somebody types or works", () => {
    const now = fx.view({ incoming: fx.ringing(fx.ana) });
    const shape = (situation: Situation) => settle(start, fx.view(), now, situation).card?.shape;
    expect(shape(idle)).toBe("full");
    expect(shape({ ...idle, typing: true })).toBe("banner");
    expect(shape({ ...idle, wide: true })).toBe("banner");
    expect(shape({ wide: true, typing: false, recentlyUsed: false })).toBe("full");
  });

  test("its shape is kept while it rings", () => {
    const now = fx.view({ incoming: fx.ringing(fx.ana) });
    const first = settle(start, fx.view(), now, idle);
    expect(settle(first, now, now, { ...idle, typing: true }).card?.shape).toBe("full");
  });

  test("a new live call comes to the front, and home when none is left", () => {
    const now = fx.view({ calls: [fx.call(fx.ana)] });
    const talking = settle(start, fx.view(), now, idle);
    expect(talking.part).toBe("call");
    const away = { ...talking, part: "home" as const };
    expect(settle(away, now, newer(now, {}), idle).part).toBe("home");
    expect(settle(talking, now, fx.view(), idle).part).toBe("home");
  });

  test("no sheet stays over a card, or open for a call that cannot use it", () => {
    const before = fx.view({ calls: [fx.call(fx.ana)] });
    const open = { ...start, part: "call" as const, sheet: "audio" as const };
    expect(settle(open, before, newer(before, { incoming: fx.callWaiting() }), idle).sheet).toBe(
      "none",
    );
    const keypad = { ...open, sheet: "keypad" as const };
    expect(settle(keypad, before, newer(before, {}), idle).sheet).toBe("keypad");
    expect(settle(keypad, before, newer(before, { calls: [fx.dialing(fx.ana)] }), idle).sheet).toBe(
      "none",
    );
  });

  test("a card whose buttons mean something else is another card; a busy one is not", () => {
    const card = fx.callWaiting();
    expect(cardKey({ ...card, busy: "answering", silenced: true })).toBe(cardKey(card));
    expect(cardKey(fx.callWaitingNoHold())).not.toBe(cardKey(card));
  });

  test("the newest messages are shown, dismissed ones are not", () => {
    const list = ["1", "2", "3", "4"].map((id) => fx.message(id, id));
    const ui = { dismissed: new Set(["4"]), allMessages: false };
    const some = visibleMessages(list, ui, fx.view(), Date.now());
    expect([some.shown.map((one) => one.id), some.folded]).toEqual([["3", "2"], 1]);
  });

  test("a page that loads shows only messages younger than 30 s; a later view hides none", () => {
    const now_ms = 1_000_000;
    const messages = [
      fx.message("old", "Acme refused to hold", { at_ms: now_ms - 30_000 }),
      fx.message("new", "Omar ended the call", { at_ms: now_ms - 29_999 }),
    ];
    const first = fx.view({ now_ms, messages });
    const ui = settle(start, null, first, idle);
    expect([...ui.dismissed]).toEqual(["old"]);
    const later = settle(ui, first, newer(first, { now_ms: now_ms + 60_000 }), idle);
    expect([...later.dismissed]).toEqual(["old"]);
  });

  const open = (call: string) => ({ label: "Open Acme", request: openApp(call) });
  test.each([
    ["is an alert", { alert: true }, true],
    ["concerns the live call", { action: open("c1") }, true],
    ["concerns the ringing call", { action: open("in-2") }, true],
    ["concerns a call that is gone", { action: open("c9") }, false],
    ["only informs", {}, false],
    ["is an alert of half a minute ago", { alert: true, at_ms: 70_000 }, false],
  ])("during a call a message that %s is shown: %j %j", (_, part, shown) => {
    const list = [fx.message("m", "Acme refused to hold", { at_ms: 90_000, ...part })];
    const ui = { dismissed: new Set<string>(), allMessages: true };
    const live = fx.view({ calls: [fx.call(fx.ana)], incoming: fx.callWaiting() });
    expect(visibleMessages(list, ui, live, 100_000).shown).toHaveLength(shown ? 1 : 0);
    expect(visibleMessages(list, ui, fx.view(), 100_000).shown).toHaveLength(1);
  });

  test("during a call messages come one at a time", () => {
    const list = ["1", "2"].map((id) => fx.message(id, id, { alert: true }));
    const ui = { dismissed: new Set<string>(), allMessages: false };
    const ring = fx.view({ incoming: fx.ringing(fx.ana) });
    const { shown, folded } = visibleMessages(list, ui, ring, Date.now());
    expect([shown.map((one) => one.id), folded]).toEqual([["2"], 0]);
  });
});

describe("announcements", () => {
  const before = fx.view({ calls: [fx.call(fx.ana)] });

  test("a ringing call is announced once, in the daemon's words", () => {
    const ring = fx.view({ incoming: fx.ringing(fx.ana) });
    expect(announce(null, ring).assertive).toBe("Incoming audio call. Ana Kowalska. Acme.");
    expect(announce(ring, newer(ring, {})).assertive).toBe("");
  });

  test("a ring is gone when it stops, is answered, or waits no more; not when silenced", () => {
    const ring = fx.view({ incoming: fx.callWaiting() });
    const gone = (incoming: View["incoming"]) => ringGone(ring, newer(ring, { incoming }));
    expect(gone(null)).toBe(true);
    expect(gone(fx.ringing(fx.omar, { call: "in-2" }))).toBe(true);
    expect(gone(fx.callWaiting({ silenced: true }))).toBe(false);
    expect(ringGone(null, ring)).toBe(false);
  });

  test.each([
    ["held", "Ana Kowalska on hold."],
    ["dialing", ""],
  ] as const)("an active call that becomes %s is said as %j", (state, said) => {
    const now = newer(before, { calls: [withState(fx.call(fx.ana), state)] });
    expect(announce(before, now).polite).toBe(said);
  });

  test("mute, audio and the end are said when the daemon shows them", () => {
    const mute = newer(before, { calls: [fx.muted(fx.call(fx.ana))] });
    expect(announce(before, mute).polite).toBe("Muted.");
    expect(announce(before, newer(before, { calls: [] })).polite).toBe(
      "Call with Ana Kowalska ended.",
    );
    const endpoints = before.audio.endpoints.map((one) => ({
      ...one,
      in_use: one.id === "speaker",
    }));
    const route = newer(before, { audio: { label: "Speaker", endpoints, note: null } });
    expect(announce(before, route).polite).toBe("Audio on Speaker.");
    const { note } = fx.wanted();
    expect(announce(before, newer(before, { audio: fx.wanted() })).polite).toBe(note);
    const switching = { ...before.audio, note: "Switching to Speaker…" };
    expect(announce(before, newer(before, { audio: switching })).polite).toBe("");
  });

  test("a message that tells the end replaces our own sentence", () => {
    const messages = [
      fx.message("m", "Ana Kowalska ended the call", { detail: "12 min 4 s in Acme" }),
    ];
    const now = newer(before, { calls: [], messages });
    expect(announce(before, now).polite).toBe("Ana Kowalska ended the call. 12 min 4 s in Acme");
  });
});

function openApp(call: string) {
  return { request: "open-app", call } as const;
}

function key(part: Partial<KeyLike>): KeyLike {
  return {
    key: "",
    code: "",
    ctrlKey: false,
    altKey: false,
    shiftKey: false,
    metaKey: false,
    repeat: false,
    ...part,
  };
}
