/** The user's own numbers and patterns, and the rules about callers. */
import { useState } from "preact/hooks";

import type { RequestBody, RulesView } from "../contract.ts";
import { AddressField } from "../parts/address-field.tsx";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { People } from "../parts/people.tsx";
import { Switch } from "../parts/switch.tsx";
import { strings } from "../strings.ts";

export function OwnBlocks({ rules }: { rules: RulesView }) {
  return (
    <section class="panel" aria-label={strings.yourBlocks}>
      <h2>{strings.yourBlocks}</h2>
      <AddNumber />
      <People
        title={strings.blockedNumbers}
        empty={strings.noBlocks}
        people={[...rules.blocked, ...rules.patterns]}
      />
      {rules.exceptions.length > 0 && (
        <People title={strings.exceptions} empty={strings.noBlocks} people={rules.exceptions} />
      )}
    </section>
  );
}

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
    void add({ request: "block", handle: wanted, on: true });
  };
  return (
    <form class="one-line" onSubmit={submit} aria-label={strings.addBlock}>
      <AddressField
        id="block-number"
        label={strings.numberOrPattern}
        text={text}
        onText={setText}
        hint={strings.patternHint}
      />
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
    </form>
  );
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
