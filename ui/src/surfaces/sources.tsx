/** The sources of the call directory, in the order in which they name callers. */
import { useState } from "preact/hooks";

import type { RulesView, SourceView } from "../contract.ts";
import { dayName, plainText, timeOfDay } from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Line } from "../parts/person.tsx";
import { Press } from "../parts/press.tsx";
import { Switch } from "../parts/switch.tsx";
import { strings } from "../strings.ts";

export function Sources({ sources, rules }: { sources: SourceView[]; rules: RulesView }) {
  const own = rules.blocked.length;
  const patterns = rules.patterns.length;
  return (
    <ol class="sources" aria-label={strings.sources}>
      <li class="source">
        <span class="badge"><Icon name="blocked" size="xs" />{strings.alwaysFirst}</span>
        <div class="t">
          <b>{strings.yourBlocks}</b>
          <small>{strings.ownCount(own, patterns)}</small>
        </div>
      </li>
      {sources.map((source, at) => <Source key={source.id} source={source} place={at + 1} />)}
      {sources.length === 0 && <li class="empty">{strings.noSources}</li>}
    </ol>
  );
}

function Source({ source, place }: { source: SourceView; place: number }) {
  const name = plainText(source.name);
  return (
    <li class={`source ${source.enabled ? "" : "is-off"}`} data-source={source.id}>
      <span class="moves">
        <Move dir="up" name={name} request={source.up} />
        <Move dir="down" name={name} request={source.down} />
      </span>
      <div class="t">
        <b><span class="count">{`${place}. `}</span><Line text={source.name} /></b>
        <small>{source.kind_text}</small>
        <small>{source.holds_text}</small>
        {(source.loading || source.loaded_ms !== null) && (
          <small><Loaded source={source} /></small>
        )}
      </div>
      <Switch
        label=""
        name={name}
        on={source.enabled}
        word={source.enabled ? strings.on : strings.off}
        request={source.toggle}
      />
      {source.problem && (
        <p class="source-problem" role="status">
          <Icon name="warn" size="s" />
          <span>
            {source.problem_ms !== null && <b>{`${moment(source.problem_ms)}. `}</b>}
            {plainText(source.problem)}
          </span>
        </p>
      )}
      <More source={source} name={name} />
    </li>
  );
}

function Loaded({ source }: { source: SourceView }) {
  if (source.loading) return <><Icon name="spin" size="xs" />{strings.loadingNow}</>;
  return <>{strings.updated(moment(source.loaded_ms ?? 0))}</>;
}

function moment(ms: number): string {
  return `${dayName(ms, Date.now())}, ${timeOfDay(ms)}`;
}

function Move(props: { dir: "up" | "down"; name: string; request: SourceView["up"] }) {
  const label = props.dir === "up" ? strings.moveUp : strings.moveDown;
  return (
    <Press
      class={`ico ${props.dir}`}
      what={`move-${props.dir}`}
      icon="down"
      iconOnly
      label={label}
      name={`${label}, ${props.name}`}
      request={props.request}
      enabled={props.request !== null}
      reason={props.dir === "up" ? strings.isFirst : strings.isLast}
    />
  );
}

/** Removing takes two presses: what a source held is gone then. */
function More({ source, name }: { source: SourceView; name: string }) {
  const { client } = usePage();
  const [sure, setSure] = useState(false);
  return (
    <div class="source-more">
      {source.reload && (
        <Press
          class="btn small line"
          what="reload"
          label={strings.loadAgain}
          name={`${strings.loadAgain}, ${name}`}
          request={source.reload}
          enabled={source.enabled && !source.loading}
          reason={source.enabled ? strings.loadingNow : strings.switchOnFirst}
        />
      )}
      {sure ? (
        <>
          <span>{strings.removeSure}</span>
          <Press
            class="btn small end quiet"
            what="remove"
            label={strings.remove}
            name={strings.removePerson(name)}
            request={source.remove}
          />
          <button type="button" class="btn small line" onClick={() => setSure(false)}>
            {strings.keep}
          </button>
        </>
      ) : (
        <button
          type="button"
          class="btn small line"
          aria-label={strings.removePerson(name)}
          onClick={() => {
            setSure(true);
            client.say(strings.removeSure);
          }}
        >
          {strings.remove}
        </button>
      )}
    </div>
  );
}
