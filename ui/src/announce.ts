/**
 * What a screen reader hears when the view changes.
 *
 * Input: the view before and the view now. Output: sentences for the polite and the assertive live
 * region. Nothing is said about the first view, except a call that rings in it.
 *
 * # Promises
 *
 * - **N1** a ringing call is announced once, in the daemon's words.
 * - **N2** a change is announced when the daemon shows it, never when a button is pressed.
 * - **N3** timers are never announced.
 */
import type { CallView, Message, View } from "./contract.ts";
import { plainText } from "./format.ts";
import { sentences, strings } from "./strings.ts";

export type Said = { polite: string; assertive: string };

/** Whether the ringing call that was announced rings no more, or in another way. */
export function ringGone(before: View | null, now: View): boolean {
  const old = before?.incoming;
  if (!old) return false;
  return now.incoming?.call !== old.call || now.incoming.waiting !== old.waiting;
}

/** Says what changed between two views. */
export function announce(before: View | null, now: View): Said {
  const assertive = ringing(before, now);
  if (before === null) return { polite: "", assertive };
  const fresh = freshMessages(before, now);
  const polite = sentences(
    silenced(before, now),
    ...now.calls.flatMap((call) => callChange(before, call)),
    ...(fresh.length > 0 ? [] : gone(before, now)),
    audio(before, now),
    ...fresh.filter((message) => !message.alert).map(spoken),
  );
  return { polite, assertive };
}

function ringing(before: View | null, now: View): string {
  const card = now.incoming;
  if (!card) return "";
  const same = before?.incoming?.call === card.call && before.incoming.waiting === card.waiting;
  return same ? "" : plainText(card.announcement);
}

function silenced(before: View, now: View): string {
  const same = before.incoming?.call === now.incoming?.call;
  const turned = same && now.incoming?.silenced && !before.incoming?.silenced;
  return turned ? strings.silencedNow : "";
}

function callChange(before: View, call: CallView): string[] {
  const isOld = (one: CallView) => people(one).some((each) => each.call === call.call);
  const old = before.calls.find((one) => one.call === call.call) ?? before.calls.find(isOld);
  const name = plainText(call.party.title);
  const said: string[] = [];
  if (call.state !== old?.state) {
    const sentence = stateSentence(old?.state ?? null, call.state, name);
    if (sentence) said.push(sentence);
  } else if (call.state === "active" && people(old).length !== people(call).length) {
    said.push(strings.said.talking(name));
  }
  if (call.offer && !old?.offer) said.push(plainText(call.offer.text));
  if (old && old.muted !== call.muted) {
    said.push(call.muted ? strings.said.muted : strings.said.unmuted);
  }
  return said;
}

function stateSentence(
  old: CallView["state"] | null,
  state: CallView["state"],
  name: string,
): string {
  switch (state) {
    case "active":
      return old === "held" ? strings.said.talking(name) : strings.said.connected(name);
    case "held":
      return strings.said.held(name);
    case "dialing":
    case "connecting":
    case "ending":
      return "";
  }
}

function gone(before: View, now: View): string[] {
  const still = new Set(now.calls.flatMap(people).map((one) => one.call));
  return before.calls
    .flatMap(people)
    .filter((old) => !still.has(old.call))
    .map((old) => strings.said.ended(plainText(old.party.title)));
}

/** The calls of a card: one, or the members of a group. */
function people(call: CallView): Pick<CallView, "call" | "party">[] {
  return call.members.length > 0 ? call.members : [call];
}

/** What happened to the sound, or else where it is. Of a change under way the end is said. */
function audio(before: View, now: View): string {
  const { note } = now.audio;
  const told = note !== null && note !== before.audio.note && !note.endsWith("…");
  if (told && before.calls.length > 0) return plainText(note);
  const used = (view: View) => view.audio.endpoints.find((endpoint) => endpoint.in_use);
  const old = used(before);
  const current = used(now);
  if (!current || old?.id === current.id || before.calls.length === 0) return "";
  return strings.said.audioOn(plainText(current.name));
}

function freshMessages(before: View, now: View): Message[] {
  const known = new Set(before.messages.map((message) => message.id));
  return now.messages.filter((message) => !known.has(message.id));
}

function spoken(message: Message): string {
  return sentences(`${plainText(message.text).replace(/[.\s]+$/, "")}.`, message.detail);
}
