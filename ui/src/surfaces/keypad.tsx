/**
 * The keypad (C5): keys and the digits that were sent. Always left to right.
 *
 * # Promises
 *
 * - **Y1** a digit is shown once the daemon took it; the newest stays visible, the text can be
 *   copied.
 */
import type { CallView } from "../contract.ts";
import { usePage } from "../parts/context.ts";
import { strings } from "../strings.ts";
import { arrowTarget } from "../parts/arrows.ts";

const KEYS: [string, string][] = [
  ["1", ""],
  ["2", "ABC"],
  ["3", "DEF"],
  ["4", "GHI"],
  ["5", "JKL"],
  ["6", "MNO"],
  ["7", "PQRS"],
  ["8", "TUV"],
  ["9", "WXYZ"],
  ["*", ""],
  ["0", ""],
  ["#", ""],
];

export function Keypad({ call }: { call: CallView }) {
  const { client, screen } = usePage();
  const sent = screen.ui.digits[call.call] ?? "";
  const offline = screen.link !== "open";
  return (
    <div class="keypad" data-sheet="keypad" data-surface="C5" dir="ltr">
      <p class="digits" aria-label={strings.digitsSent} role="group">
        <span class="digits-text" aria-hidden={sent === "" ? "true" : undefined}>
          {[...sent].join("\u2009")}
        </span>
      </p>
      <div class="keys" role="group" aria-label={strings.keypad} onKeyDown={moveFocus}>
        {KEYS.map(([digit, letters], at) => (
          <button
            key={digit}
            type="button"
            class={`key ${offline ? "busy" : ""}`}
            data-first={at === 0 ? "" : undefined}
            aria-label={strings.keyNames[digit]}
            aria-busy={offline ? "true" : undefined}
            onClick={() => client.digit(call.call, digit)}
          >
            {digit === "*" ? "\u2217" : digit}
            <small aria-hidden="true">{letters}</small>
          </button>
        ))}
      </div>
    </div>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const list = [...document.querySelectorAll<HTMLElement>(".key")];
  const target = arrowTarget(event.key, list.indexOf(event.target as HTMLElement), list.length, 3);
  if (target === null) return;
  event.preventDefault();
  list[target]?.focus();
}
