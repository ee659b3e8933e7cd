/**
 * What the page decides by itself: which part is in front, which sheet is open, how the ringing
 * call is shown, which messages are. Nothing here is a fact about a call; all of it may be thrown
 * away at any moment.
 *
 * Input: the last presentation, the views before and now, and what the person is doing.
 * Output: the next presentation.
 *
 * # Promises
 *
 * - **D1** the shape of a ringing card is chosen once and kept while it rings.
 * - **D2** a ringing call never takes the focus from a person who types: it becomes a banner.
 * - **D3** no sheet stays over a card that asks for an answer.
 * - **D4** a new live call brings the call part to the front; without calls, home is in front.
 * - **D5** messages age: a page that loads shows those of the last 30 s; while a call is live or
 *   rings, one at a time, of the last 30 s, and only if it concerns a live call or is an alert.
 */
import type { Incoming, Message, RecentsFilter, View } from "./contract.ts";

export type Part = "home" | "call";
/** What home shows beside the dial field. */
export type HomePage = "recents" | "blocking";
export type Sheet = "none" | "keypad" | "audio" | "languages";
export type Shape = "full" | "banner";

export type Presentation = {
  part: Part;
  home: HomePage;
  sheet: Sheet;
  card: { call: string; shape: Shape } | null;
  digits: Readonly<Record<string, string>>;
  dismissed: ReadonlySet<string>;
  allMessages: boolean;
  filter: RecentsFilter;
};

/** What the person is doing at the moment a view arrives. */
export type Situation = { wide: boolean; typing: boolean; recentlyUsed: boolean };

/** The presentation of a page that has just been opened. */
export function firstPresentation(): Presentation {
  return {
    part: "home",
    home: "recents",
    sheet: "none",
    card: null,
    digits: {},
    dismissed: new Set(),
    allMessages: false,
    filter: "all",
  };
}

/** Fits the presentation to a new view. */
export function settle(
  old: Presentation,
  before: View | null,
  now: View,
  situation: Situation,
): Presentation {
  return {
    ...old,
    part: settlePart(old.part, before, now),
    sheet: settleSheet(old.sheet, before, now),
    card: settleCard(old.card, now.incoming, situation),
    digits: keepLive(old.digits, now),
    dismissed: before === null ? oldOnes(now) : keepKnown(old.dismissed, now),
  };
}

/** A name for a card and everything its buttons mean: a card with another name is a new card. */
export function cardKey(card: Incoming): string {
  const meaning = card.choices.map((one) => [
    one.id,
    one.label,
    one.detail,
    one.enabled,
    one.request,
  ]);
  const own = card.buttons.map((one) => [one.id, one.label]);
  return JSON.stringify([card.call, card.waiting, meaning, own]);
}

export const MESSAGE_FRESH_MS = 30_000;
const MESSAGES_SHOWN = 2;
const MESSAGES_IN_CALL = 1;

/** The messages to show at `now`, newest first, and how many older ones are folded away (D5). */
export function visibleMessages(
  messages: Message[],
  presentation: Pick<Presentation, "dismissed" | "allMessages">,
  view: Pick<View, "calls" | "incoming"> | null,
  now: number,
): { shown: Message[]; folded: number } {
  const inCall = view !== null && hasCalls(view);
  const kept = messages
    .filter((one) => !presentation.dismissed.has(one.id))
    .filter((one) => !inCall || (isFresh(one, now) && matters(one, view)))
    .reverse();
  if (inCall) return { shown: kept.slice(0, MESSAGES_IN_CALL), folded: 0 };
  if (presentation.allMessages) return { shown: kept, folded: 0 };
  return {
    shown: kept.slice(0, MESSAGES_SHOWN),
    folded: Math.max(0, kept.length - MESSAGES_SHOWN),
  };
}

/** Whether a call is live or rings. */
export function hasCalls(view: Pick<View, "calls" | "incoming">): boolean {
  return view.calls.length > 0 || view.incoming !== null;
}

function isFresh(message: Message, now: number): boolean {
  return message.at_ms > now - MESSAGE_FRESH_MS;
}

function matters(message: Message, view: Pick<View, "calls" | "incoming">): boolean {
  if (message.alert) return true;
  const request = message.action?.request;
  if (!request || !("call" in request)) return false;
  return [view.incoming, ...view.calls].some((one) => one?.call === request.call);
}

/** What had happened before the page was opened. */
function oldOnes(now: View): ReadonlySet<string> {
  return new Set(now.messages.filter((one) => !isFresh(one, now.now_ms)).map((one) => one.id));
}

function settlePart(part: Part, before: View | null, now: View): Part {
  if (now.calls.length === 0) return "home";
  const known = new Set(before?.calls.map((call) => call.call));
  return now.calls.some((call) => !known.has(call.call)) ? "call" : part; // D4
}

function settleSheet(sheet: Sheet, before: View | null, now: View): Sheet {
  const first = now.calls[0];
  if (!first || first.call !== before?.calls[0]?.call) return "none";
  const newCard = now.incoming !== null && now.incoming.call !== before.incoming?.call;
  if ((sheet === "audio" || sheet === "languages") && newCard) return "none"; // D3
  const translate = first.buttons.find((one) => one.id === "translate");
  const canTranslate = translate?.enabled && !translate.on;
  if (sheet === "languages" && !canTranslate) return "none";
  const keypad = first.buttons.find((one) => one.id === "keypad");
  if (sheet === "keypad" && !keypad?.enabled) return "none";
  return sheet;
}

function settleCard(
  card: Presentation["card"],
  incoming: Incoming | null,
  situation: Situation,
): Presentation["card"] {
  if (!incoming || incoming.waiting) return null;
  if (card?.call === incoming.call) return card; // D1
  const inUse = situation.typing || (situation.wide && situation.recentlyUsed); // D2
  return { call: incoming.call, shape: inUse ? "banner" : "full" };
}

function keepLive(digits: Presentation["digits"], now: View): Presentation["digits"] {
  const live = Object.entries(digits).filter(([id]) => now.calls.some((call) => call.call === id));
  return Object.fromEntries(live);
}

function keepKnown(dismissed: ReadonlySet<string>, now: View): ReadonlySet<string> {
  return new Set(now.messages.map((one) => one.id).filter((id) => dismissed.has(id)));
}
