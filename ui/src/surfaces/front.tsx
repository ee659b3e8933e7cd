/** What comes to the front when a call is answered: the person's rule, and the driving switch. */
import type { AnswerRule } from "../contract.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Switch } from "../parts/switch.tsx";
import { strings } from "../strings.ts";

const RULES: (AnswerRule | null)[] = [null, "stay", "open-app", "open-if-video"];

export function Front() {
  const { client, screen } = usePage();
  const front = screen.view?.front;
  if (!front) return null;
  const choose = (rule: AnswerRule | null) => {
    if (rule === front.on_answer) return;
    void client.send(rule ? { request: "on-answer", rule } : { request: "on-answer" });
  };
  return (
    <details class="shortcuts front">
      <summary>{strings.onAnswer}</summary>
      <div class="chips" role="group" aria-label={strings.onAnswer}>
        {RULES.map((rule) => {
          const on = rule === front.on_answer;
          return (
            <button
              key={rule ?? "app"}
              type="button"
              class="chip"
              aria-pressed={on}
              data-rule={rule ?? "app"}
              onClick={() => choose(rule)}
            >
              {on && <Icon name="check" size="xs" />}
              {strings.answerRules[rule ?? "app"]}
            </button>
          );
        })}
      </div>
      <Switch
        label={strings.driving}
        on={front.driving}
        word={front.driving ? strings.on : strings.off}
        request={{ request: "driving", on: !front.driving }}
      />
      <p class="sub">{strings.drivingHint}</p>
    </details>
  );
}
