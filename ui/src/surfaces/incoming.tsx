/**
 * A ringing call: full screen (A), banner (B1) and call waiting card (B2, C2, C3).
 *
 * # Promises
 *
 * - **I1** Answer is never left of Decline; the tab order begins with Answer all the same.
 * - **I2** the disclosure is on every card that has one, whole, before any press.
 * - **I3** a card is not modal: it is left with Tab, and Escape only silences it.
 */
import { useId } from "preact/hooks";

import type { Choice, Incoming } from "../contract.ts";
import { plainText } from "../format.ts";
import { useGuarded, usePage } from "../parts/context.ts";
import { Note } from "../parts/call-bits.tsx";
import { CallLine, Icon } from "../parts/icon.tsx";
import { OwnButtons } from "../parts/own-buttons.tsx";
import { AppName, appText, Avatar, Line, Name } from "../parts/person.tsx";
import { Press } from "../parts/press.tsx";
import { Timer } from "../parts/timer.tsx";
import { answers } from "../plan.ts";
import { strings } from "../strings.ts";

/** A: the whole window, when it shows nothing else that is in use. */
export function FullCard({ card }: { card: Incoming }) {
  const ref = useGuarded<HTMLDivElement>();
  const id = useId();
  const { party } = card;
  return (
    <div
      ref={ref}
      class={`inc ${card.video ? "v" : ""} ${party.initials ? "" : "u"}`}
      data-surface="A"
      {...dialog(card, id)}
    >
      <div class="inc-col">
        <div class="head">
          <AppName app={party.app} />
          <Name party={party} id={`${id}-name`} as="h1" />
          {party.subtitle && <p class="sub"><Line text={party.subtitle} /></p>}
          <p class="kind" id={`${id}-kind`}>
            <CallLine phase="ringing" />
            <bdi>{plainText(card.kind_text)}</bdi>
          </p>
          <More />
        </div>
        <div class="pic">
          <Halo />
          <Avatar party={party} size="xl" />
        </div>
        {card.disclosure && <Disclosure card={card} id={`${id}-note`} />}
        <OwnButtons buttons={card.buttons} app={party.app} />
        <div class="acts-full">
          {answers(card.choices).map((choice) => (
            <ChoiceButton key={choice.id} card={card} choice={choice} look="full" />
          ))}
          <Decline card={card} look="full" />
          <Silence card={card} class="tile" />
        </div>
      </div>
    </div>
  );
}

/** B1: in a corner, over a page that is in use; it takes no focus. */
export function Banner({ card }: { card: Incoming }) {
  const { client } = usePage();
  const ref = useGuarded<HTMLDivElement>();
  const id = useId();
  return (
    <div ref={ref} class="banner" data-surface="B1" {...dialog(card, id)}>
      <div class="acts">
        {answers(card.choices).map((choice) => (
          <ChoiceButton key={choice.id} card={card} choice={choice} look="banner" />
        ))}
        <Silence card={card} class="btn mid" />
        <Decline card={card} look="banner" />
      </div>
      <OwnButtons buttons={card.buttons} app={card.party.app} />
      {card.disclosure && <Disclosure card={card} id={`${id}-note`} />}
      <div
        class="body"
        title={strings.openCard(plainText(card.party.title))}
        onClick={() => client.openCard()}
      >
        <Caller card={card} id={id} />
        <p class="meta">
          <span class="badge" id={`${id}-kind`}>
            <Icon name={card.video ? "video" : "phone"} size="xs" />
            {strings.kindIn(plainText(card.kind_text), appText(card.party.app))}
          </span>
          <More />
        </p>
      </div>
    </div>
  );
}

/** B2, C2, C3: a second call, over the first one, which keeps its End. */
export function WaitingCard({ card, floating = false }: { card: Incoming; floating?: boolean }) {
  const ref = useGuarded<HTMLDivElement>();
  const id = useId();
  const ways = answers(card.choices);
  return (
    <div
      ref={ref}
      class={`card waiting-card ${floating ? "floating" : ""}`}
      data-surface="C2"
      {...dialog(card, id)}
    >
      <Caller card={card} id={id} kind />
      <More />
      <div class={`choices n${ways.length}`}>
        {ways.map((choice, at) => (
          <ChoiceButton
            key={choice.id}
            card={card}
            choice={choice}
            look={at === ways.length - 1 ? "last" : "row"}
            order={at}
          />
        ))}
        <Decline card={card} look="waiting" />
      </div>
      <OwnButtons buttons={card.buttons} app={card.party.app} />
      {card.disclosure && <Disclosure card={card} id={`${id}-note`} />}
    </div>
  );
}

function dialog(card: Incoming, id: string) {
  const described = [`${id}-kind`, card.disclosure && `${id}-note`].filter(Boolean).join(" ");
  return {
    role: "alertdialog" as const,
    "aria-labelledby": `${id}-name`,
    "aria-describedby": described,
    tabIndex: -1,
    "data-card": card.call,
  };
}

function Caller({ card, id, kind = false }: { card: Incoming; id: string; kind?: boolean }) {
  const { party } = card;
  const kindLine = strings.kindIn(plainText(card.kind_text), appText(party.app));
  return (
    <div class="mini">
      <Avatar party={party} size="m" />
      <div>
        <Name party={party} id={`${id}-name`} />
        {kind && <p class="sub" id={`${id}-kind`}>{kindLine}</p>}
        {!kind && party.subtitle && <p class="sub"><Line text={party.subtitle} /></p>}
      </div>
      <span class="state">
        <CallLine phase="ringing" />
        <Timer from={card.since_ms} still />
      </span>
    </div>
  );
}

function More() {
  const { screen } = usePage();
  const more = screen.view?.more_ringing ?? 0;
  if (more === 0) return null;
  return (
    <span class="badge info">
      <Icon name="phone" size="xs" />
      {strings.moreWaiting(more)}
    </span>
  );
}

type Look = "full" | "banner" | "row" | "last" | "waiting";

function ChoiceButton({ card, choice, look, order = 0 }: ChoiceProps) {
  const main = choice.id === "answer" || choice.id === "hold-and-answer";
  const stacked = look === "row" || look === "last";
  const size = look === "full" && main ? "lg" : "";
  const extra = stacked ? `choice ${look} o${order}` : main ? "" : "wide";
  return (
    <Press
      class={`btn ${main ? "answer" : "line"} ${size} ${extra}`}
      what={choice.id}
      icon={main && choice.enabled ? "answer" : undefined}
      iconSize={look === "full" ? "b" : ""}
      label={choice.label}
      detail={choice.detail}
      description={choice.description}
      request={choice.request}
      enabled={choice.enabled}
      reason={choice.reason}
      busy={card.busy === "answering" && main}
      stacked={stacked}
    />
  );
}

type ChoiceProps = { card: Incoming; choice: Choice; look: Look; order?: number };

function Decline({ card, look }: { card: Incoming; look: Look }) {
  const choice = card.choices.find((one) => one.id === "decline");
  if (!choice) return null;
  const waiting = look === "waiting";
  return (
    <Press
      class={`btn end decline ${look === "full" ? "lg" : ""} ${waiting ? "choice" : ""}`}
      what="decline"
      icon={waiting ? undefined : "end"}
      iconSize={look === "full" ? "b" : ""}
      label={choice.label}
      detail={waiting ? (choice.detail ?? card.party.title) : null}
      description={choice.description}
      request={choice.request}
      busy={card.busy === "declining"}
      stacked={waiting}
    />
  );
}

function Silence({ card, class: look }: { card: Incoming; class: string }) {
  const { client } = usePage();
  return (
    <Press
      class={`${look} silence ${card.silenced ? "on ink" : ""}`}
      what="silence"
      icon="silence"
      label={card.silenced ? strings.silenced : strings.silence}
      name={card.silenced ? undefined : strings.silencePerson(card.party.title)}
      request={card.silenced ? null : { request: "silence", call: card.call }}
      onPress={card.silenced ? () => client.say(strings.silencedNow) : undefined}
    />
  );
}

/** The sentence is stronger when ending the other call is the only way to answer. */
function Disclosure({ card, id }: { card: Incoming; id: string }) {
  const kind = answers(card.choices).some((one) => one.enabled && one.id === "hold-and-answer");
  const [icon, weight] = kind ? (["info", "warn"] as const) : (["warn", "warn strong"] as const);
  return <Note tone={weight} icon={icon} text={card.disclosure ?? ""} id={id} />;
}

function Halo() {
  return (
    <svg class="halo" viewBox="0 0 300 300" aria-hidden="true">
      <circle cx="150" cy="150" r="92" stroke-width="2.5" />
      <circle cx="150" cy="150" r="120" stroke-width="1.75" opacity=".7" />
      <circle cx="150" cy="150" r="148" stroke-width="1" opacity=".4" />
    </svg>
  );
}
