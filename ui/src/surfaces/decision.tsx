/** Why a call rang or not (D3), and what would happen if a number called. */
import { useState } from "preact/hooks";

import type { Answer } from "../ask.ts";
import { explain, whyOf } from "../ask.ts";
import type { DecisionStep, DecisionView } from "../contract.ts";
import { plainText } from "../format.ts";
import { AddressField } from "../parts/address-field.tsx";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../strings.ts";

/** Runs the same rules without ringing, keeping or sending anything. */
export function WhatIf() {
  const { client } = usePage();
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<Answer<DecisionView> | null>(null);
  const ask = async (event: Event) => {
    event.preventDefault();
    const found = await explain(text.trim());
    setAnswer(found);
    client.say(found.ok ? found.value.headline : found.message);
  };
  return (
    <section class="panel what-if" aria-label={strings.whatIf} data-surface="D3">
      <h2>{strings.whatIf}</h2>
      <form class="one-line" onSubmit={(event) => void ask(event)}>
        <AddressField
          id="what-if"
          label={strings.whatIfNumber}
          text={text}
          onText={setText}
          hint={strings.whatIfHint}
        />
        <button type="submit" class="btn ink">{strings.check}</button>
      </form>
      {answer && <Decision answer={answer} />}
    </section>
  );
}

/** The decision that was kept with a call. */
export function WhyOf({ call }: { call: string }) {
  const [answer, setAnswer] = useState<Answer<DecisionView> | "asked" | null>(null);
  if (answer === null) {
    setAnswer("asked");
    void whyOf(call).then(setAnswer);
  }
  if (answer === null || answer === "asked") return <p class="sub">{strings.askingWhy}</p>;
  return <Decision answer={answer} />;
}

function Decision({ answer }: { answer: Answer<DecisionView> }) {
  if (!answer.ok) {
    return (
      <p class="verdict bad" role="status">
        <Icon name="warn" size="s" />
        <span>{plainText(answer.message)}</span>
      </p>
    );
  }
  const view = answer.value;
  const rings = view.verdict === "ring";
  return (
    <div class="decision" data-verdict={view.verdict}>
      <p class={`verdict ${rings ? "good" : "bad"}`} role="status">
        <Icon name={rings ? "check" : "blocked"} size="s" />
        <span>{plainText(view.headline)}</span>
      </p>
      {view.note && (
        <p class="verdict caution">
          <Icon name="warn" size="s" />
          <span>{plainText(view.note)}</span>
        </p>
      )}
      {view.candidates.length > 0 && (
        <p class="sub">
          {strings.lookedFor(view.candidates.map((one) => `${one.number} (${one.formed})`))}
        </p>
      )}
      {view.labels.map((label) => (
        <p key={label.text} class="sub">
          {strings.namedBy(plainText(label.text), plainText(label.list ?? strings.contacts))}
        </p>
      ))}
      <ol class="steps">
        {view.steps.map((step, at) => <Step key={`${at}-${step.rule}`} step={step} />)}
      </ol>
    </div>
  );
}

function Step({ step }: { step: DecisionStep }) {
  const kind = step.decided ? "decided" : step.in_force ? "" : "off";
  const icon = step.decided ? "check" : step.in_force ? "hyphen" : "x";
  return (
    <li class={`step ${kind}`} data-rule={step.rule}>
      <span class="dot"><Icon name={icon} size="xs" /></span>
      <div class="t">
        <b><bdi>{plainText(step.title)}</bdi></b>
        <small>{plainText(step.sentence)}</small>
      </div>
      <span class="badge">{step.badge}</span>
    </li>
  );
}
