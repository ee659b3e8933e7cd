/**
 * Views as the daemon would send them, one per frame of the design. Names and numbers are
 * made up.
 */
import type {
  Button,
  CallView,
  Choice,
  DecisionStep,
  DecisionView,
  Incoming,
  Member,
  Message,
  Party,
  RecentsEntry,
  SourceView,
  View,
} from "../src/contract.ts";

export const ACME = { id: "org.example.Acme", name: "Acme" };
export const MOBILE = { id: "org.example.Mobile", name: "Mobile" };

export const ana = party("Ana Kowalska", "AK", ACME, "+44 7700 900123");
export const omar = party("Omar Haddad", "OH", MOBILE, "+49 30 23125 042");
export const unknown = party("+1 202 555 0143", "", MOBILE, "Not in your contacts");
export const nobody = party("Unknown", "?", MOBILE, null);
export const arabic = party(
  "عبد الرحمن بن عبد العزيز آل الشيخ المهندس الاستشاري لمشاريع البنية التحتية",
  "عا",
  ACME,
  "+44 7700 900456",
);

let revision = 0;

/** A view with nothing going on, changed by `part`. Each one is newer than the last. */
const SWITCHES: [string, string, string][] = [
  ["anonymous", "Block hidden numbers", "Callers who hide their number"],
  [
    "not-in-contacts",
    "Only contacts ring",
    "Everybody else is blocked, if there are contacts to look in",
  ],
  ["trust-contacts", "Trust contacts", "A contact rings even if a source or you block the number"],
  [
    "trust-called",
    "Trust called numbers",
    "A number that you have called rings even if it is blocked",
  ],
];

function callers(): View["rules"]["callers"] {
  return SWITCHES.map(([id, label, detail]) => ({
    id,
    label,
    detail,
    on: id === "anonymous",
    request: { request: "caller-rule", rule: id, on: id !== "anonymous" },
  }));
}

function callBack(): View["rules"]["call_back"] {
  const choices: [number, string][] = [[0, "Never"], [10, "10 min"], [30, "30 min"], [120, "2 h"]];
  return choices.map(([minutes, label]) => ({
    label,
    detail: null,
    chosen: minutes === 10,
    request: { request: "call-back", minutes },
  }));
}

/** One source of the call directory. */
export function source(id: string, name: string, part: Partial<SourceView> = {}): SourceView {
  return {
    id,
    name,
    kind_text: id.includes(".") ? "Kept by its app" : "Loaded by you",
    holds_text: "Blocks 1,204,318 numbers, names 12.",
    loaded_ms: Date.now() - 3_600_000,
    enabled: true,
    loading: false,
    problem: null,
    problem_ms: null,
    toggle: { request: "list-switch", list: id, on: false },
    up: { request: "list-order", lists: [id] },
    down: { request: "list-order", lists: [id, "other"] },
    remove: { request: "list-remove", list: id },
    reload: id.includes(".") ? { request: "list-reload", list: id } : null,
    ...part,
  };
}

/** Blocking and names with everything in it. */
export function withSources(): View {
  const plain = view();
  return {
    ...plain,
    sources: [
      source("fritz", "FritzList", { up: null }),
      source("org.example.Work", "Work directory", {
        holds_text: "Names 3,412 numbers.",
        problem:
          "The last update was refused: entry 1,820 is smaller than the one before it. " +
          "What it held before stays in force.",
        problem_ms: Date.now() - 7_200_000,
      }),
      source("org.example.Neighborhood", "Neighborhood", { loading: true }),
      source("old", "Old list of my former router with a long name", {
        enabled: false,
        loaded_ms: null,
        holds_text: "Nothing loaded yet.",
        down: null,
      }),
    ],
    rules: {
      ...plain.rules,
      blocked: [
        {
          title: "+44 7700 900789",
          remove: { request: "block", handle: "+447700900789", on: false },
        },
      ],
      patterns: [
        { title: "+4490*", remove: { request: "block-pattern", pattern: "+4490*", on: false } },
      ],
      exceptions: [
        {
          title: "+44905",
          remove: { request: "except-pattern", pattern: "+44905", on: false },
        },
      ],
    },
  };
}

function step(rule: string, title: string, part: Partial<DecisionStep>): DecisionStep {
  return {
    rule,
    title,
    badge: "No match",
    list: null,
    generation: null,
    loaded: null,
    in_force: true,
    matches: false,
    decided: false,
    sentence: "",
    ...part,
  };
}

/** A caller that a list blocks. */
export function decision(part: Partial<DecisionView> = {}): DecisionView {
  return {
    verdict: "block",
    headline: "Blocked. “FritzList” blocks +447700900789.",
    rule: "list",
    list: "FritzList",
    at: Date.now(),
    candidates: [{ number: "+447700900789", formed: "as a number of GB" }],
    labels: [{ text: "Delivery service", list: "FritzList" }],
    steps: [
      step("own-block", "Your block list", { sentence: "It is not in your block list." }),
      step("trusted-called", "Trust called numbers", {
        badge: "Switched off",
        in_force: false,
        sentence: "You have not called it.",
      }),
      step("list", "Neighborhood", {
        badge: "Off, not asked",
        in_force: false,
        sentence: "“Neighborhood” is switched off.",
      }),
      step("list", "FritzList", {
        badge: "Decided",
        matches: true,
        decided: true,
        sentence: "“FritzList” blocks +447700900789.",
      }),
    ],
    ...part,
  };
}

export function view(part: Partial<View> = {}): View {
  revision += 1;
  return {
    revision,
    recents_revision: 1,
    now_ms: Date.now(),
    incoming: null,
    more_ringing: 0,
    calls: [],
    audio: {
      label: "Jabra Evolve2",
      note: null,
      endpoints: [
        endpoint("jabra", "Jabra Evolve2 65", "Bluetooth, battery 82 %, in use", true),
        endpoint("handset", "Handset", "This device", false),
        endpoint("speaker", "Speaker", "This device", false),
        endpoint("usb", "Scarlett 2i2", "USB", false),
        {
          ...endpoint("tv", "Living room TV", "No microphone, cannot carry a call", false),
          enabled: false,
        },
      ],
    },
    apps: [
      { ...ACME, ready: true, accounts: [] },
      { ...MOBILE, ready: true, accounts: [] },
    ],
    front: { on_answer: null, driving: false },
    ring_on: [
      place("default", "Where everything plays", null, true),
      place("all", "All devices"),
      place("jabra", "Jabra Evolve2 65"),
      place("speaker", "Speaker"),
    ],
    icons: {},
    messages: [],
    rules: {
      do_not_disturb: false,
      until_ms: null,
      text: "Do not disturb is off",
      toggle: { request: "do-not-disturb", on: true },
      blocked: [],
      allowed: [],
      restricted: false,
      restrict: { request: "restrict", on: true },
      protected: [],
      hidden_names: [],
      second_calls: [],
      second_calls_of: [],
      patterns: [],
      exceptions: [],
      callers: callers(),
      call_back: callBack(),
    },
    sources: [],
    ...part,
  };
}

export function place(
  device: string,
  label: string,
  detail: string | null = null,
  chosen = false,
): View["ring_on"][number] {
  return { label, detail, chosen, request: { request: "ring-on", device } };
}

export function party(
  title: string,
  initials: string,
  app: Party["app"],
  subtitle: string | null,
): Party {
  return { title, subtitle, initials, app, open_url: null };
}

/** A ringing call with nobody else on the line. */
export function ringing(who: Party, part: Partial<Incoming> = {}): Incoming {
  return {
    call: "in-1",
    party: who,
    video: false,
    kind_text: "Audio call",
    since_ms: Date.now() - 7_000,
    silenced: false,
    busy: null,
    choices: [
      choice("decline", "Decline", { request: "decline", call: "in-1" }),
      choice("answer", "Answer", { request: "answer", call: "in-1", mode: "auto" }),
    ],
    buttons: [],
    disclosure: null,
    waiting: false,
    announcement: `Incoming audio call. ${who.title}. ${who.app.name}.`,
    ...part,
  };
}

/** A second call over a call with Ana that can be held. */
export function callWaiting(part: Partial<Incoming> = {}): Incoming {
  return ringing(omar, {
    call: "in-2",
    waiting: true,
    choices: [
      choice("decline", "Decline", { request: "decline", call: "in-2" }, "Omar Haddad"),
      {
        ...choice(
          "end-and-answer",
          "End & Answer",
          { request: "answer", call: "in-2", mode: "end" },
          "Ends Ana Kowalska",
        ),
        description: "Ends the call with Ana Kowalska in Acme.",
      },
      choice(
        "hold-and-answer",
        "Hold & Answer",
        { request: "answer", call: "in-2", mode: "hold" },
        "Ana Kowalska waits on hold",
      ),
    ],
    disclosure: "End & Answer ends the call in Acme.",
    announcement: "Second call. Omar Haddad, Mobile. You are talking to Ana Kowalska.",
    ...part,
  });
}

/** The same while Acme cannot hold: the main choice stays, dashed, with its reason. */
export function callWaitingNoHold(): Incoming {
  const card = callWaiting({ disclosure: "Answering ends the call in Acme." });
  const choices = card.choices.map((one) =>
    one.id === "hold-and-answer"
      ? {
          ...one,
          enabled: false,
          detail: "Acme cannot hold calls",
          reason: "Acme cannot hold calls.",
        }
      : one,
  );
  return { ...card, choices };
}

/** A second call while one is active and one is held. */
export function callWaitingTwo(): Incoming {
  const card = callWaiting({ disclosure: "End & Answer and End Held & Answer each end a call." });
  const endHeld: Choice = {
    ...choice(
      "end-held-and-answer",
      "End Held & Answer",
      { request: "answer", call: "in-2", mode: "end-held" },
      "Ends Ana Kowalska",
    ),
    description: "Ends the held call with Ana Kowalska in Acme.",
  };
  const kept = card.choices.filter((one) => one.id !== "hold-and-answer");
  return { ...card, choices: [...kept, endHeld] };
}

/** A call in the state that `part` says; active since 12:04 by default. */
export function call(who: Party, part: Partial<CallView> = {}): CallView {
  const id = part.call ?? "c1";
  return {
    call: id,
    party: who,
    video: false,
    outgoing: false,
    state: "active",
    state_text: "Active",
    timer_ms: Date.now() - 724_000,
    held_reason: null,
    muted: false,
    note: null,
    buttons: grid(id, who),
    end: button("end", "End", { request: "end", call: id }),
    offer: null,
    members: [],
    ...part,
  };
}

/** An app with all it may bring: a named account, its own buttons, video, translation. */
export function rich(part: Partial<CallView> = {}): CallView {
  const who = { ...ana, app: { ...ACME, account: "Work" } };
  const plain = call(who);
  const video = button("video", "Video", { request: "video", call: "c1", on: true });
  const translate = button("translate", "Translate", null);
  return { ...plain, buttons: [...plain.buttons, video, translate, ...ownButtons("c1")], ...part };
}

/** The app's own: one works, one waits for the unlocked screen, one cannot work now. */
export function ownButtons(id: string): Button[] {
  const own = (name: string, label: string, icon: string): Button => ({
    ...button(`app-${name}`, label, { request: "press", call: id, button: name }),
    icon,
  });
  return [
    own("door", "Open door", "door"),
    { ...own("gate", "Open gate", "gate"), detail: "Unlock first" },
    {
      ...own("record", "Record", "record"),
      enabled: false,
      detail: "Not yet",
      reason: "The call is not connected yet.",
    },
  ];
}

/** Ana offers video. */
export function offering(): CallView {
  const agree = button("agree-to-video", "Video", { request: "video", call: "c1", on: true });
  const decline = button("decline-video", "Stay on audio", {
    request: "decline-video",
    call: "c1",
  });
  return call(ana, { offer: { text: "Ana Kowalska wants to switch to video.", agree, decline } });
}

/** Digits wait behind a hard pause. */
export function waitingDigits(): CallView {
  const agree = button("send-rest", "Send", { request: "send-rest", call: "c1" });
  const decline = button("drop-rest", "Don’t send", { request: "drop-rest", call: "c1" });
  return call(ana, { offer: { text: "Send 1234?", agree, decline } });
}

/** A choice that did not come true: the headset is wanted, the speaker is heard. */
export function wanted(): View["audio"] {
  const speaker = endpoint("speaker", "Speaker", "Speaker, in use", true);
  const headset = endpoint("jabra", "Jabra Evolve2 65", "Bluetooth, wanted, not in use", false);
  const handset = endpoint("handset", "Handset", "This device", false);
  return {
    label: "Speaker",
    endpoints: [{ ...headset, wanted: true }, speaker, handset],
    note: "Jabra Evolve2 65 did not answer. Still using Speaker.",
  };
}

export function held(who: Party, id: string): CallView {
  return call(who, {
    call: id,
    state: "held",
    state_text: "On hold",
    timer_ms: Date.now() - 48_000,
    held_reason: "You put this call on hold to answer Omar Haddad.",
    buttons: [button("swap", "Swap", { request: "swap" })],
  });
}

export function dialing(who: Party): CallView {
  const soon = { enabled: false, detail: "Not yet", reason: "The call is not connected yet." };
  const buttons = grid("c1", who).map((one) =>
    ["keypad", "hold", "add-call"].includes(one.id) ? { ...one, ...soon } : one,
  );
  return call(who, {
    outgoing: true,
    state: "dialing",
    state_text: "Dialing",
    timer_ms: null,
    buttons,
  });
}

/** Two calls: Omar is active, Ana is held. */
export function twoCalls(): CallView[] {
  const first = call(omar, { call: "c2", timer_ms: Date.now() - 48_000 });
  const swap = { ...button("swap", "Swap", { request: "swap" }), detail: "To Ana" };
  const buttons = first.buttons.map((one) => (one.id === "hold" ? swap : one));
  const full = { enabled: false, detail: "Two already", reason: "Two calls are the limit." };
  return [
    {
      ...first,
      buttons: buttons.map((one) => (one.id === "add-call" ? { ...one, ...full } : one)),
      end: { ...first.end, detail: "Omar Haddad" },
    },
    held(ana, "c1"),
  ];
}

/** Ana and a third person in one group, as one card. */
export function group(part: Partial<CallView> = {}): CallView {
  const both = party("Ana Kowalska and Mira Oyelaran", "2", ACME, "2 people");
  const member = (call: string, who: Party): Member => ({
    call,
    party: who,
    state_text: null,
    private: button("private", "Private", { request: "split", call }),
    end: button("end", "End", { request: "end", call }),
  });
  return call(both, {
    end: button("end", "End all", { request: "end-group", call: "c1" }),
    members: [member("c1", ana), member("c3", party("Mira Oyelaran", "MO", ACME, null))],
    ...part,
  });
}

/** Two calls of one app, which can be merged. */
export function mergeable(): CallView[] {
  const [first, second] = twoCalls() as [CallView, CallView];
  const request = { request: "merge", call: "c2", with: "c1" } as const;
  const merge = { ...button("merge", "Merge", request), detail: "With Ana Kowalska" };
  const buttons = first.buttons.map((one) => (one.id === "add-call" ? merge : one));
  return [{ ...first, buttons }, second];
}

export function muted(one: CallView): CallView {
  const turn = { on: true, label: "Unmute" };
  const buttons = one.buttons.map((each) => (each.id === "mute" ? { ...each, ...turn } : each));
  return { ...one, muted: true, buttons };
}

export function cannotHold(one: CallView): CallView {
  const why = { enabled: false, detail: "Not in Acme", reason: "Acme cannot hold calls." };
  return { ...one, buttons: one.buttons.map((b) => (b.id === "hold" ? { ...b, ...why } : b)) };
}

export function message(id: string, text: string, part: Partial<Message> = {}): Message {
  return {
    id,
    text,
    detail: null,
    tone: "info",
    alert: false,
    action: null,
    at_ms: Date.now(),
    ...part,
  };
}

export function button(id: string, label: string, request: Button["request"]): Button {
  return { id, label, detail: null, enabled: true, reason: null, on: false, busy: false, request };
}

export function recents(): RecentsEntry[] {
  const noon = new Date();
  noon.setHours(14, 2, 0, 0);
  const at = noon.getTime();
  const hour = 3_600_000;
  return [
    entry("r1", ana, "Incoming, 12 min, you ended it", at),
    missed(entry("r2", omar, "Missed, rang 60 s", at - 0.4 * hour)),
    missed(entry("r3", omar, "Missed, they hung up after 8 s", at - 0.5 * hour)),
    missed(entry("r4", omar, "Missed, rang 60 s", at - 0.6 * hour)),
    entry(
      "r5",
      party("Mira Oyelaran", "MO", ACME, null),
      "Answered on your laptop",
      at - 2.8 * hour,
    ),
    {
      ...entry(
        "r6",
        party("Prof. Dr. Wilhelmina Featherstonehaugh-Cholmondeley", "PW", ACME, null),
        "Outgoing, they declined",
        at - 3.1 * hour,
      ),
      direction: "outgoing",
    },
    {
      ...missed(entry("r7", unknown, "Missed, did not ring: arrived late", at - 4.8 * hour)),
      did_not_ring: true,
      reasons: ["never-rang", "late"],
    },
    {
      ...missed(entry("r10", nobody, "Missed, rang 20 s", at - 5 * hour)),
      redial: null,
      redial_reason: "The number was withheld.",
    },
    entry("r8", omar, "Ended: Acme stopped working", at - 19.7 * hour),
    entry("r9", ana, "You declined", at - 22 * hour),
  ];
}

export function blocked(): RecentsEntry[] {
  const at = Date.now() - 3_600_000;
  const one = entry(
    "b1",
    party("+44 7700 900789", "", MOBILE, null),
    "FritzList, exact number",
    at,
  );
  const why = "Blocked. “FritzList” blocks +447700900789.";
  return [{ ...one, blocked: true, redial: null, why }];
}

export function entry(id: string, who: Party, sentence: string, started_ms: number): RecentsEntry {
  return {
    id,
    call: `call-${id}`,
    party: who,
    video: false,
    direction: "incoming",
    sentence,
    missed: false,
    blocked: false,
    did_not_ring: false,
    reasons: [],
    started_ms,
    duration_ms: null,
    redial: { request: "dial", app: who.app.id, handle: who.subtitle ?? who.title },
    redial_reason: null,
  };
}

function missed(one: RecentsEntry): RecentsEntry {
  return { ...one, missed: true };
}

function choice(
  id: string,
  label: string,
  request: Choice["request"],
  detail: string | null = null,
): Choice {
  return { id, label, detail, description: null, enabled: true, reason: null, request };
}

function endpoint(id: string, name: string, detail: string, in_use: boolean) {
  return {
    id,
    name,
    detail,
    in_use,
    wanted: false,
    enabled: true,
    request: { request: "route", endpoint: id } as const,
  };
}

function grid(id: string, who: Party): Button[] {
  return [
    button("mute", "Mute", { request: "mute", call: id, on: true }),
    button("keypad", "Keypad", null),
    { ...button("audio", "Audio", null), detail: "Jabra Evolve2" },
    button("hold", "Hold", { request: "hold", call: id, on: true }),
    button("add-call", "Add call", null),
    button("open-app", `Open ${who.app.name}`, { request: "open-app", call: id }),
  ];
}

/** The rules for second calls, and an app with one of its own. */
export function secondCalls(): Partial<View> {
  const choice = (rule: "ring" | "busy" | "missed", label: string, detail: string) => ({
    label,
    detail,
    chosen: rule === "busy",
    request: { request: "second-calls" as const, rule },
  });
  const { rules } = view();
  return {
    rules: {
      ...rules,
      second_calls: [
        choice("ring", "Ring", "With a short tone beside the call"),
        choice("busy", "Turn away as busy", "They hear busy; you see it as missed"),
        choice("missed", "Keep as missed", "They are not told; you see it as missed"),
      ],
      second_calls_of: [
        {
          title: "Acme: keep as missed",
          remove: { request: "second-calls", app: "org.example.Acme" },
        },
      ],
    },
  };
}
