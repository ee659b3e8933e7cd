/** The user's own numbers and patterns, and the rules about callers. */
import { useState } from "preact/hooks";

import type { PersonView, RequestBody, RulesView } from "../contract.ts";
import { plainText } from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Line } from "../parts/person.tsx";
import { Press } from "../parts/press.tsx";
import { Switch } from "../parts/switch.tsx";
import { strings } from "../strings.ts";

export function OwnBlocks({ rules }: { rules: RulesView }) {
  return (
    <section class="panel" aria-label={strings.yourBlocks}>
      <h2>{strings.yourBlocks}</h2>
      <AddNumber />
      <Rows title={strings.blockedNumbers} rows={[...rules.blocked, ...rules.patterns]} />
      {rules.exceptions.length > 0 && (
        <Rows title={strings.exceptions} rows={rules.exceptions} />
      )}
    </section>
  );
}

function Rows({ title, rows }: { title: string; rows: PersonView[] }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {rows.length === 0 && <p class="empty">{strings.noBlocks}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.title} class="key-row">
            <span class="t"><Line text={row.title} /></span>
            <Press
              class="btn small line"
              what="remove"
              label={strings.remove}
              name={strings.removePerson(plainText(row.title))}
              request={row.remove}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What people write for many numbers at once; all else is one number or address. */
const PATTERN = /[*#?]|\.\.|-\+/;

function AddNumber() {
  const { client } = usePage();
  const [text, setText] = useState("");
  const wanted = text.trim();
  const add = async (request: RequestBody) => {
    if (await client.send(request)) setText("");
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!wanted) return client.say(strings.numberFirst);
    void add(blockOf(wanted));
  };
  return (
    <form class="one-line" onSubmit={submit} aria-label={strings.addBlock}>
      <label class="field">
        {strings.numberOrPattern}
        <input
          id="block-number"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={256}
          dir="ltr"
          aria-describedby="block-hint"
        />
      </label>
      <div class="pair">
        <button type="submit" class="btn ink" aria-disabled={wanted ? undefined : "true"}>
          {strings.block}
        </button>
        <button
          type="button"
          class="btn line"
          aria-disabled={wanted ? undefined : "true"}
          onClick={() => {
            if (!wanted) return client.say(strings.numberFirst);
            void add({ request: "except-pattern", pattern: wanted, on: true });
          }}
        >
          {strings.alwaysRing}
        </button>
      </div>
      <p class="sub hint" id="block-hint">{strings.patternHint}</p>
    </form>
  );
}

function blockOf(text: string): RequestBody {
  if (PATTERN.test(text)) return { request: "block-pattern", pattern: text, on: true };
  return { request: "block", handle: text, on: true };
}

export function CallerRules({ rules }: { rules: RulesView }) {
  const { client } = usePage();
  return (
    <section class="panel" aria-label={strings.callers}>
      <h2>{strings.callers}</h2>
      {rules.callers.map((row) => (
        <div key={row.id} class="rule-row" data-rule={row.id}>
          <div class="t">
            <b>{row.label}</b>
            <small>{row.detail}</small>
          </div>
          <Switch
            label=""
            name={row.label}
            on={row.on}
            word={row.on ? strings.on : strings.off}
            request={row.request}
          />
        </div>
      ))}
      <div class="rule-row stack">
        <div class="t">
          <b>{strings.callBackWithin}</b>
          <small>{strings.callBackHint}</small>
        </div>
        <div class="chips" role="group" aria-label={strings.callBackWithin}>
          {rules.call_back.map((choice) => (
            <button
              key={choice.label}
              type="button"
              class="chip"
              aria-pressed={choice.chosen}
              onClick={() => void (choice.chosen || client.send(choice.request))}
            >
              {choice.chosen && <Icon name="check" size="xs" />}
              {choice.label}
            </button>
          ))}
        </div>
      </div>
    </section>
  );
}
