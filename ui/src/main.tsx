/**
 * Starts the page: puts the icons in, connects, draws, and passes keys on.
 *
 * # Not here
 *
 * Decisions. What a key means is in `keyboard` and `plan`, what is drawn in `app`.
 */
import { render } from "preact";

import { App, cardOnScreen } from "./app.tsx";
import { Client } from "./client.ts";
import { plainText } from "./format.ts";
import { FocusKeeper, focusOn, isTyping } from "./focus.ts";
import { Guard } from "./guard.ts";
import icons from "./icons.svg?raw";
import type { Bindings } from "./keyboard.ts";
import { actionOf, digitOf, readBindings } from "./keyboard.ts";
import { Link } from "./link.ts";
import { Region } from "./regions.ts";
import { strings } from "./strings.ts";
import "./styles/index.css";

const KEYS_AT = "hookswitch.keys";
const RECENTLY_MS = 30_000;
/** The width from which calls stand at the side; the same figure is in the style sheet. */
const WIDE = "(min-width: 56.25em)";

function start(): void {
  const root = byId("app");
  document.documentElement.lang = strings.lang;
  if (!document.documentElement.dir) document.documentElement.dir = strings.direction;
  byId("icons").innerHTML = icons;

  let bindings = readBindings(keptKeys());
  let lastUse = Number.NEGATIVE_INFINITY;
  const wide = matchMedia(WIDE);
  const guard = new Guard();
  const keeper = new FocusKeeper();
  guard.attach(document.body);

  const draw = () => {
    keeper.before();
    const { screen } = client;
    const page = { client, screen, guard, wide: wide.matches, bindings, bind };
    render(<App page={page} />, root);
    keeper.after(cardOnScreen(screen.view, screen.ui));
    showInTab(client);
  };
  const bind = (next: Bindings) => {
    bindings = next;
    keepKeys(next);
    draw();
  };
  const polite = new Region(byId("polite"));
  const assertive = new Region(byId("assertive"));
  const client = new Client({
    draw,
    say: (sentence, urgent) => (urgent ? assertive : polite).say(sentence),
    hush: () => assertive.clear(),
    focus: focusOn,
    reload: () => location.reload(),
    situation: () => ({
      wide: wide.matches,
      typing: isTyping(),
      recentlyUsed: performance.now() - lastUse < RECENTLY_MS,
    }),
  });
  const link = new Link(
    new URL(".", location.href),
    { socket: (at) => new WebSocket(at), fetch: fetch.bind(window), chance: Math.random },
    { view: (view) => client.received(view), state: (state) => client.linkIs(state) },
  );
  client.use(link);

  for (const use of ["pointerdown", "keydown"]) {
    addEventListener(use, () => (lastUse = performance.now()), true);
  }
  addEventListener("keydown", (event) => onKey(event, client, bindings));
  wide.addEventListener("change", draw);
  addEventListener("online", () => link.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") link.hurry();
  });
  draw();
  link.open();
}

function onKey(event: KeyboardEvent, client: Client, bindings: Bindings): void {
  if (event.defaultPrevented || event.isComposing) return;
  const action = actionOf(event, bindings);
  if (action) {
    event.preventDefault();
    return client.act(action);
  }
  if (event.key === "Escape") return onEscape(client);
  const { view, ui } = client.screen;
  const digit = digitOf(event);
  const first = view?.calls[0];
  if (digit && first && ui.sheet === "keypad" && ui.part === "call" && !isTyping()) {
    event.preventDefault();
    client.digit(first.call, digit);
  }
}

/**
 * Escape silences a focused ringing card, or closes what is open. It never declines, never
 * ends.
 */
function onEscape(client: Client): void {
  const { view, ui } = client.screen;
  const onCard = document.activeElement?.closest("[data-card]");
  if (view?.incoming && onCard) {
    if (view.incoming.silenced) return client.say(strings.silencedNow);
    return void client.send({ request: "silence", call: view.incoming.call });
  }
  if (ui.sheet !== "none") client.openSheet("none");
}

/** Title and icon of the tab tell a ringing call even when the page is not in front. */
function showInTab(client: Client): void {
  const { view } = client.screen;
  const ringing = view?.incoming;
  const call = view?.calls[0];
  const name = plainText((ringing ?? call)?.party.title ?? "");
  const said = ringing ? strings.titleRinging(name) : call ? strings.titleInCall(name) : null;
  const title = said ? `${said} \u00b7 ${strings.product}` : strings.product;
  if (document.title !== title) document.title = title;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const wanted = ringing ? "favicon-ringing.svg" : call ? "favicon-call.svg" : "favicon.svg";
  if (icon && !icon.href.endsWith(wanted)) icon.href = `./${wanted}`;
}

function keptKeys(): string | null {
  try {
    return localStorage.getItem(KEYS_AT);
  } catch {
    return null; // Storage may be forbidden; the defaults hold.
  }
}

function keepKeys(bindings: Bindings): void {
  try {
    localStorage.setItem(KEYS_AT, JSON.stringify(bindings));
  } catch {
    // Storage may be forbidden; the change then holds until the page is closed.
  }
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element;
}

start();
