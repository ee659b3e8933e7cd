/**
 * The keys and what they do; each can be changed, all can be switched off. Kept by this
 * browser.
 */
import { useState } from "preact/hooks";

import type { Action } from "../keyboard.ts";
import { ACTIONS, chordOf, defaultBindings, rebind } from "../keyboard.ts";
import { usePage } from "../parts/context.ts";
import { strings } from "../strings.ts";

export function Shortcuts() {
  const { bindings, bind, client } = usePage();
  const [changing, setChanging] = useState<Action | null>(null);
  const take = (action: Action, event: KeyboardEvent) => {
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return setChanging(null);
    if (["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
    const outcome = rebind(bindings, action, chordOf(event));
    client.say(outcome.say);
    if (outcome.bindings) bind(outcome.bindings);
    if (outcome.bindings) setChanging(null);
  };
  return (
    <details class="shortcuts">
      <summary>{strings.shortcuts}</summary>
      <button
        type="button"
        class="switch"
        role="switch"
        aria-checked={bindings.on}
        onClick={() => bind({ ...bindings, on: !bindings.on })}
      >
        <i aria-hidden="true" />
        {strings.shortcutsOn}
        <span class="w" aria-hidden="true">{bindings.on ? strings.on : strings.off}</span>
      </button>
      <dl>
        {ACTIONS.map((action) => (
          <div key={action} class="key-row">
            <dt>{strings.actions[action]}</dt>
            <dd>
              {changing === action
                ? strings.pressKeys
                : bindings.chords[action].map((chord, at) => (
                    <span key={chord}>
                      {at > 0 && ` ${strings.or} `}
                      <kbd>{chord}</kbd>
                    </span>
                  ))}
            </dd>
            <dd>
              <button
                type="button"
                class="btn small line"
                aria-label={strings.changeKey(strings.actions[action])}
                onClick={() => setChanging(changing === action ? null : action)}
                onKeyDown={changing === action ? (event) => take(action, event) : undefined}
                onBlur={() => setChanging(null)}
              >
                {strings.change}
              </button>
            </dd>
          </div>
        ))}
        <div class="key-row">
          <dt>{strings.actions.silence}</dt>
          <dd><kbd>Esc</kbd></dd>
        </div>
      </dl>
      <button type="button" class="btn small" onClick={() => bind(defaultBindings())}>
        {strings.resetKeys}
      </button>
    </details>
  );
}
