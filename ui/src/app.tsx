/** The whole page: one part in front, the ringing card over it, the pill for a call behind it. */
import type { Incoming, View } from "./contract.ts";
import type { CardOnScreen } from "./focus.ts";
import type { Page } from "./parts/context.ts";
import { PageContext, usePage } from "./parts/context.ts";
import { Icon } from "./parts/icon.tsx";
import type { Presentation } from "./presentation.ts";
import { cardKey } from "./presentation.ts";
import { strings } from "./strings.ts";
import { CallPart } from "./surfaces/call.tsx";
import { Home } from "./surfaces/home.tsx";
import { Banner, FullCard, WaitingCard } from "./surfaces/incoming.tsx";
import { Pill } from "./surfaces/pill.tsx";

export function App({ page }: { page: Page }) {
  return (
    <PageContext.Provider value={page}>
      <LinkNote />
      {page.screen.view ? <Parts view={page.screen.view} /> : <Waiting />}
    </PageContext.Provider>
  );
}

/** The card that is on the screen, for whoever moves the focus. */
export function cardOnScreen(view: View | null, ui: Presentation): CardOnScreen | null {
  const card = view?.incoming;
  if (!card) return null;
  return { key: cardKey(card), shape: card.waiting ? "waiting" : (ui.card?.shape ?? "full") };
}

function Parts({ view }: { view: View }) {
  const { ui } = usePage().screen;
  const call = view.calls[0];
  const inCall = call !== undefined && ui.part === "call";
  const shape = cardOnScreen(view, ui)?.shape;
  const full = shape === "full";
  return (
    <>
      {inCall ? (
        <CallPart key={`call-${call.call}`} view={view} call={call} />
      ) : (
        <Home key="home" covered={full} />
      )}
      {!inCall && call && <Pill key={`pill-${call.call}`} call={call} />}
      {view.incoming && !inCall && <Card card={view.incoming} shape={shape ?? "full"} />}
    </>
  );
}

function Card({ card, shape }: { card: Incoming; shape: CardOnScreen["shape"] }) {
  const key = `${shape}-${cardKey(card)}`;
  switch (shape) {
    case "full":
      return <FullCard key={key} card={card} />;
    case "banner":
      return <Banner key={key} card={card} />;
    case "waiting":
      return <WaitingCard key={key} card={card} floating />;
  }
}

function LinkNote() {
  const { client, screen } = usePage();
  if (screen.link === "open" || screen.link === "connecting") return null;
  return (
    <p class="link-note" data-surface="lost">
      <Icon name="warn" size="s" />
      <span>{client.lostSentence()}</span>
    </p>
  );
}

function Waiting() {
  const { screen } = usePage();
  return (
    <main class="blank" tabIndex={-1}>
      <h1>{strings.product}</h1>
      {screen.link === "connecting" && <p class="sub">{strings.connecting}</p>}
    </main>
  );
}
