/**
 * The call part: one call (C1, C7), several (C4), keypad (C5), audio (C6), desktop layout (C9).
 *
 * One document serves both layouts; the style sheet places it. The first call of the view owns the
 * grid and the large End; every other call has its own "End this" and "Swap".
 *
 * # Promises
 *
 * - **S1** End keeps its place on the screen whatever opens, arrives or scrolls.
 * - **S2** the order of the grid is the daemon's, and nothing leaves its place; where a message
 *   would push the grid down, it lies over the person's row instead.
 */
import type { Button, CallView, Member, View } from "../contract.ts";
import { plainText } from "../format.ts";
import { Note, StateLine, Tile } from "../parts/call-bits.tsx";
import { useGuarded, usePage } from "../parts/context.ts";
import { EndBar } from "../parts/end-bar.tsx";
import { Icon } from "../parts/icon.tsx";
import { OwnButtons, isOwn } from "../parts/own-buttons.tsx";
import { AppName, Avatar, Line, Name } from "../parts/person.tsx";
import { Press, served } from "../parts/press.tsx";
import type { Sheet } from "../presentation.ts";
import { cardKey } from "../presentation.ts";
import { strings } from "../strings.ts";
import { AudioSheet } from "./audio.tsx";
import { WaitingCard } from "./incoming.tsx";
import { Keypad } from "./keypad.tsx";
import { Languages } from "./languages.tsx";
import { Messages, shownMessages } from "./messages.tsx";
import { Offers } from "./offer.tsx";

export function CallPart({ view, call }: { view: View; call: CallView }) {
  const ref = useGuarded<HTMLElement>();
  const { client, screen, wide } = usePage();
  const card = view.incoming?.waiting ? view.incoming : null;
  const keypad = screen.ui.sheet === "keypad";
  const audio = screen.ui.sheet === "audio";
  const offered = view.calls.some((one) => one.offer);
  const noted = offered || shownMessages(screen, client.now()).shown.length > 0;
  const shape = [
    "callpage",
    view.calls.length > 1 ? "many" : "one",
    card || ((noted || view.audio.note) && !keypad) ? "crowded" : "",
    noted ? "noted" : "",
    card ? "with-card" : "",
    keypad ? "with-keypad" : "",
  ];
  const languages = screen.ui.sheet === "languages";
  const covered = (audio || languages) && !wide;
  return (
    <main
      ref={ref}
      class={shape.join(" ")}
      tabIndex={-1}
      data-surface="C"
      aria-label={strings.inCall}
    >
      <h1 class="sr">{strings.inCall}</h1>
      <div class="over" inert={covered}>
        {card && <WaitingCard key={cardKey(card)} card={card} />}
        <Offers calls={view.calls} />
        <Messages />
      </div>
      <Side view={view} call={call} inert={covered} />
      <div class="head">
        <AppName app={call.party.app} />
      </div>
      <Who call={call} audio={view.audio.note} />
      {keypad && <Keypad call={call} />}
      <Bar call={call} keypad={keypad} inert={covered} />
      {audio && <AudioSheet view={view} call={call} />}
      {languages && <Languages call={call} />}
    </main>
  );
}

/** What happened to the sound stands with the call, unless the list of devices says it. */
function Who({ call, audio }: { call: CallView; audio: string | null }) {
  const { sheet } = usePage().screen.ui;
  return (
    <div class={call.members.length > 0 ? "who grouped" : "who"}>
      <Avatar party={call.party} size="l" />
      <div class="who-text">
        <Name party={call.party} />
        {call.party.subtitle && (
          <p class="sub">
            <Line text={call.party.subtitle} />
          </p>
        )}
        <StateLine call={call} />
        {call.held_reason && (
          <p class="sub why">
            <bdi>{plainText(call.held_reason)}</bdi>
          </p>
        )}
      </div>
      <AppName app={call.party.app} bare />
      {call.note && <Note tone="warn" icon="info" text={call.note} />}
      {audio && sheet === "none" && <Note tone="warn" icon="headset" text={audio} />}
      <Members call={call} />
    </div>
  );
}

/** Who is in a group, each with buttons of their own. */
function Members({ call }: { call: CallView }) {
  if (call.members.length === 0) return null;
  return (
    <ul class="members" aria-label={strings.inGroup}>
      {call.members.map((one) => (
        <MemberRow key={one.call} member={one} />
      ))}
    </ul>
  );
}

function MemberRow({ member }: { member: Member }) {
  const name = plainText(member.party.title);
  return (
    <li class="member" data-member={member.call}>
      <Avatar party={member.party} size="s" />
      <div class="member-name">
        <bdi>{name}</bdi>
        {member.state_text && <small>{plainText(member.state_text)}</small>}
      </div>
      <MemberButton button={member.private} icon="person" name={name} />
      <MemberButton button={member.end} icon="end" name={name} />
    </li>
  );
}

function MemberButton({ button, icon, name }: { button: Button; icon: string; name: string }) {
  return (
    <Press
      class={`btn small ${button.id === "end" ? "end quiet" : "line"}`}
      what={button.id}
      icon={icon}
      iconSize="s"
      name={strings.swapPerson(button.label, name)}
      {...served(button)}
    />
  );
}

/** The calls at the start side; on a phone only when there are several. */
function Side({ view, call, inert }: { view: View; call: CallView; inert: boolean }) {
  const { client } = usePage();
  return (
    <aside class="side" aria-label={strings.calls} inert={inert}>
      <h2 class="side-title">{strings.calls}</h2>
      <ul class="stack">
        {view.calls.map((one) => (
          <Lineup key={one.call} call={one} first={one.call === call.call} />
        ))}
      </ul>
      <button type="button" class="btn to-home" onClick={() => client.show("home")}>
        <Icon name="list" size="s" />
        {strings.recents}
      </button>
    </aside>
  );
}

function Lineup({ call, first }: { call: CallView; first: boolean }) {
  const look = call.state === "active" ? "act" : "hld";
  return (
    <li class={`lineup ${look} ${first ? "first" : ""}`} data-call={call.call}>
      <div class="mini">
        <Avatar party={call.party} size="m" />
        <div>
          <Name party={call.party} />
          <StateLine call={call} still />
        </div>
        <AppName app={call.party.app} bare />
      </div>
      {call.held_reason && (
        <p class="sub small">
          <bdi>{plainText(call.held_reason)}</bdi>
        </p>
      )}
      {!first && call.note && <Note tone="warn" icon="info" text={call.note} />}
      <Members call={call} />
      {!first && <LineupButtons call={call} />}
    </li>
  );
}

function LineupButtons({ call }: { call: CallView }) {
  const name = plainText(call.party.title);
  const turn = turnButton(call);
  const end = call.members.length > 0 ? call.end.label : strings.endThis;
  return (
    <div class="two">
      <Press
        class="btn end quiet small"
        what="end"
        icon="end"
        iconSize="s"
        name={strings.swapPerson(end, name)}
        {...served(call.end)}
        label={end}
      />
      {turn && (
        <Press
          class="btn line small"
          what={turn.id === "hold" ? "resume" : turn.id}
          icon={turn.id === "hold" ? "resume" : "swap"}
          iconSize="s"
          name={strings.swapPerson(turn.label, name)}
          {...served(turn)}
        />
      )}
    </div>
  );
}

/** The button that brings a held call back: Swap, or Resume when nothing else is active. */
function turnButton(call: CallView): Button | undefined {
  return call.buttons.find((one) => one.id === "swap" || one.id === "hold");
}

/** The grid (or what hides the keypad) and End, which is always the last thing on the screen. */
function Bar({ call, keypad, inert }: BarProps) {
  const { client } = usePage();
  return (
    <div class="bar" inert={inert}>
      {keypad ? (
        <Press
          class="btn wide hide-keypad"
          what="keypad"
          icon="keypad"
          label={strings.hideKeypad}
          request={null}
          onPress={() => client.openSheet("none")}
        />
      ) : (
        <>
          <OwnButtons buttons={call.buttons.filter(isOwn)} app={call.party.app} />
          <Grid call={call} />
        </>
      )}
      <div class="end-row">
        <EndBar call={call} />
      </div>
    </div>
  );
}

type BarProps = { call: CallView; keypad: boolean; inert: boolean };

/** What buttons without a request open. */
const OPENS: Partial<Record<string, Sheet>> = { audio: "audio", translate: "languages" };

function Grid({ call }: { call: CallView }) {
  const { client, screen } = usePage();
  const fixed = call.buttons.filter((button) => !isOwn(button));
  const { sheet } = screen.ui;
  return (
    <div class={`tiles n${fixed.length}`}>
      {fixed.map((button) => (
        <Tile
          key={button.id}
          button={button}
          expanded={OPENS[button.id] !== undefined && OPENS[button.id] === sheet}
          onPress={() => client.openOwn(button)}
        />
      ))}
    </div>
  );
}
