/**
 * Keyboard map: which chord means which action.
 *
 * Input: a key event and the bindings. Output: an action name or nothing; this module does nothing
 * with it. Two sets exist: the desktop's Ctrl+Shift chords, and Alt+Shift chords for browsers that
 * keep some of the former for themselves.
 *
 * # Promises
 *
 * - **K1** no action is bound to a single letter, and a held key acts once.
 * - **K2** Escape is not in the map: it never declines and never ends (see `client`).
 */

import { strings } from "./strings.ts";

export const ACTIONS = ["answer", "decline", "end", "mute", "hold", "swap"] as const;
export type Action = (typeof ACTIONS)[number];

/** Chords such as "Ctrl+Shift+A", per action. */
export type Bindings = { on: boolean; chords: Record<Action, string[]> };

export type KeyLike = {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
  repeat: boolean;
};

const LETTERS: Record<Action, string> = {
  answer: "A",
  decline: "D",
  end: "E",
  mute: "M",
  hold: "H",
  swap: "S",
};

/** The bindings before anybody changed one. */
export function defaultBindings(): Bindings {
  const pairs = ACTIONS.map((action) => [
    action,
    [`Ctrl+Shift+${LETTERS[action]}`, `Alt+Shift+${LETTERS[action]}`],
  ]);
  return { on: true, chords: Object.fromEntries(pairs) as Record<Action, string[]> };
}

/** The action of a key press, if it has one. */
export function actionOf(event: KeyLike, bindings: Bindings): Action | null {
  if (!bindings.on || event.repeat) return null;
  const chord = chordOf(event);
  if (chord === null) return null;
  return ACTIONS.find((action) => bindings.chords[action].includes(chord)) ?? null;
}

/** "Ctrl+Shift+A", or null when no modifier that makes a chord is held (K1). */
export function chordOf(event: KeyLike): string | null {
  const name = keyName(event);
  if (name === null || !(event.ctrlKey || event.altKey || event.metaKey)) return null;
  const parts = [
    event.ctrlKey && "Ctrl",
    event.metaKey && "Meta",
    event.altKey && "Alt",
    event.shiftKey && "Shift",
    name,
  ];
  return parts.filter(Boolean).join("+");
}

/** The digit of a key press while the keypad is open. */
export function digitOf(event: KeyLike): string | null {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return null;
  return /^[0-9*#]$/.test(event.key) ? event.key : null;
}

/** Reads bindings kept from an earlier visit; anything odd in them falls back to the defaults. */
export function readBindings(text: string | null): Bindings {
  const fallback = defaultBindings();
  if (text === null) return fallback;
  try {
    const kept = JSON.parse(text) as Partial<Bindings>;
    const chords = { ...fallback.chords };
    for (const action of ACTIONS) {
      const list = kept.chords?.[action];
      if (Array.isArray(list)) chords[action] = list.filter((c) => typeof c === "string");
    }
    return { on: kept.on !== false, chords };
  } catch {
    return fallback;
  }
}

/** Gives an action a new chord, unless it is taken or would fire while typing. */
export function rebind(bindings: Bindings, action: Action, chord: string | null): Rebound {
  if (chord === null) return { bindings: null, say: strings.keyNeedsModifier };
  const taken = ACTIONS.find((one) => one !== action && bindings.chords[one].includes(chord));
  if (taken) return { bindings: null, say: strings.keyTaken(strings.actions[taken]) };
  const chords = { ...bindings.chords, [action]: [chord] };
  return { bindings: { ...bindings, chords }, say: strings.keySet(strings.actions[action], chord) };
}

export type Rebound = { bindings: Bindings | null; say: string };

/** The letter on the key where there is one, else its place, so that Alt layers do not hide it. */
function keyName(event: KeyLike): string | null {
  if (/^[a-z0-9]$/i.test(event.key)) return event.key.toUpperCase();
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
  if (place) return place[1] ?? null;
  return /^(?:F\d{1,2}|Arrow\w+|Home|End|Page\w+|Insert)$/.test(event.key) ? event.key : null;
}
