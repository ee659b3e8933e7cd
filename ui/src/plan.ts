/**
 * What an action means for the view at hand. Shortcuts use the buttons' own requests, so that a key
 * can never do what its button would not.
 *
 * Input: an action and the view. Output: one [`Step`], a decision; `client` carries it out.
 *
 * # Promises
 *
 * - **P1** over a live call, the answer key holds and answers, or only points at the card.
 * - **P2** the end key ends the active call and no other.
 */
import type { Button, CallView, Choice, RequestBody, View } from "./contract.ts";
import type { Action } from "./keyboard.ts";
import { strings } from "./strings.ts";

export type Step =
  | { step: "send"; request: RequestBody; what: string }
  | { step: "focus-card"; say: string }
  | { step: "say"; say: string };

/** Decides what an action does now. */
export function planFor(action: Action, view: View): Step {
  switch (action) {
    case "answer":
      return planAnswer(view);
    case "decline":
      return fromChoice(choice(view, "decline"), strings.nothingToDo.decline);
    case "end":
      return planEnd(view);
    case "mute":
      return fromButton(button(view, "mute"), strings.nothingToDo.mute);
    case "hold":
      return fromButton(button(view, "hold"), strings.nothingToDo.hold);
    case "swap":
      return fromButton(button(view, "swap"), strings.nothingToDo.swap);
  }
}

/** The choices of a ringing call that answer it, the main one first. */
export function answers(choices: Choice[]): Choice[] {
  return choices.filter((one) => one.id !== "decline").sort((a, b) => rank(a) - rank(b));
}

function planAnswer(view: View): Step {
  if (!view.incoming) return { step: "say", say: strings.nothingToDo.answer };
  const wanted = view.incoming.waiting ? "hold-and-answer" : "answer";
  const main = choice(view, wanted);
  if (main?.enabled) return { step: "send", request: main.request, what: main.id };
  const reason = main?.reason ? strings.notAvailable(main.label, main.reason) : "";
  return { step: "focus-card", say: reason || strings.chooseOnCard }; // P1
}

function planEnd(view: View): Step {
  const call = view.calls.find(isTalking); // P2
  if (!call) return { step: "say", say: strings.nothingToDo.end };
  return fromButton(call.end, strings.nothingToDo.end);
}

function isTalking(call: CallView): boolean {
  return call.state === "active" || call.state === "dialing" || call.state === "connecting";
}

function choice(view: View, id: string): Choice | undefined {
  return view.incoming?.choices.find((one) => one.id === id);
}

function button(view: View, id: string): Button | undefined {
  return view.calls[0]?.buttons.find((one) => one.id === id);
}

function fromChoice(found: Choice | undefined, nothing: string): Step {
  if (!found) return { step: "say", say: nothing };
  return { step: "send", request: found.request, what: found.id };
}

function fromButton(found: Button | undefined, nothing: string): Step {
  if (!found?.request) return { step: "say", say: nothing };
  if (found.enabled) return { step: "send", request: found.request, what: found.id };
  return { step: "say", say: strings.notAvailable(found.label, found.reason ?? "") };
}

const ORDER = ["hold-and-answer", "answer", "end-and-answer", "end-held-and-answer"];

function rank(one: Choice): number {
  const at = ORDER.indexOf(one.id);
  return at < 0 ? ORDER.length : at;
}
