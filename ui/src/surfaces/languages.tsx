/**
 * Which languages to translate between: a sheet on phones, a popover on desktops, as the list of
 * devices is. The page asks for two languages and sends them; the app translates, or the system.
 */
import { useState } from "preact/hooks";

import type { CallView } from "../contract.ts";
import { usePage } from "../parts/context.ts";
import { EndBar } from "../parts/end-bar.tsx";
import { Icon } from "../parts/icon.tsx";
import { Press } from "../parts/press.tsx";
import { strings } from "../strings.ts";

/** Offered, as tags of BCP 47. */
const OFFERED = [
  ["ar", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it"],
  ["ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi"],
  ["zh"],
].flat();

export function Languages({ call }: { call: CallView }) {
  const { client } = usePage();
  const mine = ownLanguage();
  const [local, setLocal] = useState(mine);
  const [remote, setRemote] = useState(mine === "en" ? "es" : "en");
  const same = local === remote;
  return (
    <div class="sheet-area" data-surface="C11">
      <div class="scrim" onClick={() => client.openSheet("none")} />
      <div class="sheet" role="dialog" aria-label={strings.translateTitle} data-sheet="languages">
        <div class="grab" aria-hidden="true" />
        <div class="hd">
          <h2>{strings.translateTitle}</h2>
          <button
            type="button"
            class="ico"
            aria-label={strings.close}
            onClick={() => client.openSheet("none")}
          >
            <Icon name="x" />
          </button>
        </div>
        <Choice label={strings.youSpeak} value={local} choose={setLocal} first />
        <Choice label={strings.theySpeak} value={remote} choose={setRemote} />
        {same && <p class="sub">{strings.sameLanguage}</p>}
        <Press
          class="btn ink wide"
          what="translate-now"
          icon="translate"
          label={strings.startTranslating}
          request={{ request: "translate", call: call.call, local, remote }}
          enabled={!same}
          reason={same ? strings.sameLanguage : null}
        />
        <EndBar call={call} />
      </div>
    </div>
  );
}

function Choice({ label, value, choose, first }: ChoiceProps) {
  return (
    <label class="field">
      {label}
      <select
        value={value}
        data-first={first ? "" : undefined}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {named().map(([tag, name]) => (
          <option key={tag} value={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

type ChoiceProps = {
  label: string;
  value: string;
  choose: (tag: string) => void;
  first?: boolean;
};

/** The languages by their names in the language of the page. */
function named(): [string, string][] {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const all = OFFERED.map((tag): [string, string] => [tag, names.of(tag) ?? tag]);
  return all.sort((one, other) => one[1].localeCompare(other[1]));
}

/** That of the browser, if it is offered. */
function ownLanguage(): string {
  const tag = (navigator.language ?? "en").split("-")[0] ?? "en";
  return OFFERED.includes(tag) ? tag : "en";
}
