/** Who may ring: the switches, and the lists of blocked and allowed people and of locked apps. */
import type { RulesView } from "../contract.ts";
import { timeOfDay } from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Options } from "../parts/options.tsx";
import { People } from "../parts/people.tsx";
import { Switch } from "../parts/switch.tsx";
import { strings } from "../strings.ts";

export function Rules() {
  const { screen } = usePage();
  const rules = screen.view?.rules;
  if (!rules) return null;
  return (
    <details class="shortcuts rules">
      <summary>{strings.whoMayRing}</summary>
      <Switch
        label={strings.doNotDisturb}
        on={rules.do_not_disturb}
        word={stateOf(rules)}
        request={rules.toggle}
      />
      <Switch
        label={strings.screenShared}
        on={rules.restricted}
        word={rules.restricted ? strings.on : strings.off}
        request={rules.restrict}
      />
      {rules.second_calls.length > 0 && (
        <section>
          <h3>{strings.secondCalls}</h3>
          <Options label={strings.secondCalls} icon="phone" options={rules.second_calls} />
        </section>
      )}
      {rules.second_calls_of.length > 0 && (
        <People
          title={strings.secondCallsOf}
          empty={strings.nobody}
          people={rules.second_calls_of}
        />
      )}
      <People title={strings.blockedPeople} empty={strings.nobody} people={rules.blocked} />
      <People title={strings.allowedPeople} empty={strings.nobody} people={rules.allowed} />
      {rules.protected.length > 0 && (
        <People title={strings.lockedApps} empty={strings.nobody} people={rules.protected} />
      )}
      {rules.hidden_names.length > 0 && (
        <People title={strings.hiddenNames} empty={strings.nobody} people={rules.hidden_names} />
      )}
    </details>
  );
}

function stateOf(rules: RulesView): string {
  if (!rules.do_not_disturb) return strings.off;
  return rules.until_ms === null ? strings.on : strings.onUntil(timeOfDay(rules.until_ms));
}
