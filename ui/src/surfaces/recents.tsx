/** The recents (D): filters, days, one plain sentence per row. Rows of several calls unfold. */
import { useState } from "preact/hooks";

import type { RecentsEntry, RecentsFilter } from "../contract.ts";
import { plainText, timeOfDay } from "../format.ts";
import { Note } from "../parts/call-bits.tsx";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { AppIcon, appText, Avatar, Line } from "../parts/person.tsx";
import { Press } from "../parts/press.tsx";
import type { Row } from "../recents.ts";
import { byDay } from "../recents.ts";
import { strings } from "../strings.ts";
import { WhyOf } from "./decision.tsx";

const FILTERS: RecentsFilter[] = ["all", "missed", "blocked"];

export function RecentsList() {
  const { client, screen } = usePage();
  const { state, entries } = screen.recents;
  const days = byDay(entries, Date.now() + screen.skew);
  return (
    <section class="recents" aria-label={strings.recents} aria-busy={state === "loading"}>
      <h1>{strings.recents}</h1>
      <Filters />
      {screen.ui.filter === "blocked" && <Note tone="" icon="info" text={strings.blockedNote} />}
      {state === "failed" && (
        <div class="msg caution" role="status">
          <Icon name="warn" />
          <div><p class="msg-text">{strings.recentsFailed}</p></div>
          <button type="button" class="btn small" onClick={() => void client.readRecents()}>
            {strings.tryAgain}
          </button>
        </div>
      )}
      {days.map((day) => (
        <section key={day.key} aria-label={day.title}>
          <h2 class="day">{day.title}</h2>
          <ul>{day.rows.map((row) => <RecentRow key={row.key} row={row} />)}</ul>
        </section>
      ))}
      {state !== "failed" && entries.length === 0 && <p class="empty">{emptyText(screen)}</p>}
    </section>
  );
}

function emptyText(screen: ReturnType<typeof usePage>["screen"]): string {
  if (screen.recents.state === "loading") return strings.recentsLoading;
  switch (screen.ui.filter) {
    case "all":
      return strings.emptyAll;
    case "missed":
      return strings.emptyMissed;
    case "blocked":
      return strings.emptyBlocked;
  }
}

function Filters() {
  const { client, screen } = usePage();
  return (
    <div class="chips" role="group" aria-label={strings.filterLabel} onKeyDown={moveFocus}>
      {FILTERS.map((filter) => {
        const on = screen.ui.filter === filter;
        return (
          <button
            key={filter}
            type="button"
            class="chip"
            aria-pressed={on}
            onClick={() => client.choose(filter)}
          >
            {on && <Icon name="check" size="xs" />}
            {strings.filters[filter]}
          </button>
        );
      })}
    </div>
  );
}

function RecentRow({ row }: { row: Row }) {
  const [open, setOpen] = useState(false);
  const [why, setWhy] = useState(false);
  const entry = row.newest;
  const many = row.entries.length > 1;
  const text = <RowText row={row} />;
  return (
    <li class="rec-item">
      <div class="rec">
        {!entry.blocked && <Avatar party={entry.party} size="s" />}
        {many ? (
          <button
            type="button"
            class="t"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {text}
            <span class="sr">{strings.showAttempts(row.entries.length)}</span>
          </button>
        ) : (
          <div class="t">{text}</div>
        )}
        <span class="when">
          <time dateTime={new Date(entry.started_ms).toISOString()}>
            {timeOfDay(entry.started_ms)}
          </time>
          <span class="of-app" title={appText(entry.party.app)}>
            <AppIcon app={entry.party.app} />
            {appText(entry.party.app)}
          </span>
        </span>
        {entry.why && (
          <button
            type="button"
            class="btn small line why"
            aria-expanded={why}
            aria-label={strings.whyOf(plainText(entry.party.title))}
            onClick={() => setWhy(!why)}
          >
            {strings.why}
          </button>
        )}
        <CallBack entry={entry} />
      </div>
      {why && <div class="why-row"><WhyOf call={entry.call} /></div>}
      {open && (
        <ul class="attempts">
          {row.entries.map((one) => (
            <li key={one.id}>
              <time dateTime={new Date(one.started_ms).toISOString()}>
                {timeOfDay(one.started_ms)}
              </time>
              <bdi>{plainText(one.sentence)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Stays in its place when one cannot call back, and says why. */
function CallBack({ entry }: { entry: RecentsEntry }) {
  if (!entry.redial && !entry.redial_reason) return null;
  const { party } = entry;
  return (
    <Press
      class="ico"
      what="call"
      icon={entry.video ? "video" : "phone"}
      iconOnly
      label={strings.callBack}
      name={strings.redial(plainText(party.title), plainText(party.app.name))}
      request={entry.redial}
      enabled={entry.redial !== null}
      reason={entry.redial_reason}
    />
  );
}

/** Phrasing only, because it also stands inside a button. */
function RowText({ row }: { row: Row }) {
  const entry = row.newest;
  const count = row.entries.length;
  return (
    <>
      <b title={plainText(entry.party.title)}>
        <Line text={entry.party.title} />
        {count > 1 && <span class="count"> ({count})</span>}
      </b>
      <small class={missClass(entry)}>
        <Icon name={directionIcon(entry)} size="xs" />
        <bdi>{plainText((entry.blocked ? entry.why : null) ?? entry.sentence)}</bdi>
      </small>
    </>
  );
}

function missClass(entry: RecentsEntry): string {
  if (!entry.missed) return "";
  return entry.did_not_ring ? "miss unrung" : "miss";
}

function directionIcon(entry: RecentsEntry): string {
  if (entry.blocked) return "blocked";
  if (entry.did_not_ring) return "silence";
  if (entry.missed) return "missed";
  return entry.direction === "incoming" ? "in" : "out";
}

function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const list = [...document.querySelectorAll<HTMLElement>(".recents .chip")];
  const mirrored = document.documentElement.dir === "rtl" ? -step : step;
  list[list.indexOf(event.target as HTMLElement) + mirrored]?.focus();
}
