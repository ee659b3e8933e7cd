/**
 * The page's one object with state: the last view, the presentation, requests under way.
 *
 * Input: views of the link and presses of the person. Output: a [`Screen`] to draw, and sentences
 * for the live regions. Drawing is a function of the screen and nothing else.
 *
 * # Promises
 *
 * - **C1** a press shows "busy", never the result: the result is drawn when a view brings it.
 * - **C2** the same request is not sent again while it is under way.
 * - **C3** without a link nothing is sent, and nothing on the screen is thrown away.
 * - **C4** digits are sent one after the other, in the order of the presses.
 *
 * # Not here
 *
 * Call state: a page that is reloaded shows the same as before.
 */
import { announce, ringGone } from "./announce.ts";
import type {
  Button,
  Message,
  RecentsEntry,
  RecentsFilter,
  RequestBody,
  View,
} from "./contract.ts";
import type { Place } from "./focus.ts";
import type { Action } from "./keyboard.ts";
import type { Link, LinkState } from "./link.ts";
import { planFor } from "./plan.ts";
import type { HomePage, Part, Presentation, Sheet, Situation } from "./presentation.ts";
import { firstPresentation, settle } from "./presentation.ts";
import { sentences, strings } from "./strings.ts";

export type Pending = "sent" | "shown";
export type Recents = { state: "loading" | "ready" | "failed"; entries: RecentsEntry[] };

/** Everything that is drawn. */
export type Screen = {
  link: LinkState;
  view: View | null;
  /** The link has been away long enough to say what to do. */
  lostLong: boolean;
  /** The daemon's clock minus this machine's. */
  skew: number;
  ui: Presentation;
  pending: ReadonlyMap<string, Pending>;
  problems: Message[];
  recents: Recents;
};

/** What the client needs from the page around it. */
export type Surroundings = {
  draw: () => void;
  say: (sentence: string, urgent: boolean) => void;
  /** Takes an urgent sentence back whose subject is gone. */
  hush: () => void;
  situation: () => Situation;
  reload: () => void;
  focus: (place: Place) => void;
};

export const BUSY_AFTER_MS = 150;
export const LOST_LONG_MS = 5_000;
const SETTLE_LIMIT_MS = 2_000;
const DIGITS_QUEUED_MAX = 32;
const PROBLEMS_MAX = 4;

export class Client {
  screen: Screen = {
    link: "connecting",
    lostLong: false,
    view: null,
    skew: 0,
    ui: firstPresentation(),
    pending: new Map(),
    problems: [],
    recents: { state: "loading", entries: [] },
  };
  private link: Link | null = null;
  private readonly page: Surroundings;
  private digitsSent: Promise<void> = Promise.resolve();
  private digitsQueued = 0;
  private problemCount = 0;
  private recentsRead = 0;
  private lostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(page: Surroundings) {
    this.page = page;
  }

  /** Gives the client its link to send through. */
  use(link: Link): void {
    this.link = link;
  }

  /** Takes a view of the daemon. */
  received(view: View): void {
    const before = this.screen.view;
    if (before && view.revision < before.revision) return this.page.reload();
    const ui = settle(this.screen.ui, before, view, this.page.situation());
    this.change({ view, ui, skew: view.now_ms - Date.now() });
    const said = announce(before, view);
    if (ringGone(before, view)) this.page.hush();
    if (said.assertive) this.page.say(said.assertive, true);
    if (said.polite) this.page.say(said.polite, false);
    if (before?.recents_revision !== view.recents_revision) void this.readRecents();
  }

  /** Takes a change of the link. */
  linkIs(link: LinkState): void {
    const old = this.screen.link;
    if (old === link) return;
    this.change({ link, lostLong: false });
    clearTimeout(this.lostTimer);
    if (link === "lost") this.lostTimer = setTimeout(() => this.lostForLong(), LOST_LONG_MS);
    if (link === "open") this.page.hush();
    if (link === "open" && old !== "connecting") this.page.say(strings.backAgain, false);
    if (link === "lost" && old === "open") this.page.say(this.lostSentence(), true);
  }

  private lostForLong(): void {
    this.change({ lostLong: true });
    this.page.say(strings.lostAdvice, false);
  }

  /** What to tell about a link that is not open. */
  lostSentence(): string {
    if (this.screen.link === "refused") return strings.keyRefused;
    const { view, lostLong } = this.screen;
    const inCall = view && (view.calls.length > 0 || view.incoming);
    if (lostLong) return sentences(inCall ? strings.lostInCall : strings.lost, strings.lostAdvice);
    return inCall ? strings.lostInCall : strings.lostIdle;
  }

  /** The daemon's clock, as far as this machine knows it. */
  now(): number {
    return Date.now() + this.screen.skew;
  }

  /** Draws again, because time has passed. */
  redraw(): void {
    this.page.draw();
  }

  /** Sends one request, once (C1, C2, C3). True when the daemon accepted it. */
  async send(request: RequestBody): Promise<boolean> {
    if (!this.link || this.screen.link !== "open") {
      this.page.say(this.lostSentence(), true);
      return false;
    }
    const key = requestKey(request);
    if (this.screen.pending.has(key)) return false;
    const revision = this.screen.view?.revision ?? 0;
    this.mark(key, "sent");
    const soon = setTimeout(() => this.mark(key, "shown"), BUSY_AFTER_MS);
    const outcome = await this.link.request(request);
    if (!outcome.ok) this.problem(outcome.message);
    else if (CHANGES_VIEW[request.request]) await this.nextView(revision);
    clearTimeout(soon);
    this.mark(key, null);
    return outcome.ok;
  }

  /** Does what a shortcut asks for. */
  act(action: Action): void {
    const { view } = this.screen;
    if (!view) return;
    const step = planFor(action, view);
    switch (step.step) {
      case "send":
        return void this.send(step.request);
      case "focus-card":
        this.page.focus("card");
        return this.page.say(step.say, true);
      case "say":
        return this.page.say(step.say, false);
    }
  }

  /** Queues a digit behind the earlier ones (C4). */
  digit(call: string, digit: string): void {
    if (this.digitsQueued >= DIGITS_QUEUED_MAX) return;
    this.digitsQueued += 1;
    this.digitsSent = this.digitsSent.then(async () => {
      const sent = await this.send({ request: "digits", call, digits: digit });
      this.digitsQueued -= 1;
      if (sent) this.showDigit(call, digit);
    });
  }

  /** Says a sentence politely. */
  say(sentence: string): void {
    this.page.say(sentence, false);
  }

  /** Opens or closes a sheet. */
  openSheet(sheet: Sheet): void {
    const old = this.screen.ui.sheet;
    this.present({ sheet });
    if (sheet !== "none") this.page.focus("sheet");
    else if (old !== "none") this.page.focus(old);
  }

  /** Opens what a button without a request stands for: keypad, audio, languages, dial field. */
  openOwn(button: Button): void {
    if (button.id === "add-call") return this.addCall();
    if (button.id === "keypad") return this.openSheet("keypad");
    if (button.id === "translate") return this.toggleSheet("languages");
    const endpoints = this.screen.view?.audio.endpoints ?? [];
    const other = endpoints.find((one) => !one.in_use && one.enabled);
    if (endpoints.length === 2 && other) return void this.send(other.request);
    this.toggleSheet("audio");
  }

  private toggleSheet(sheet: Sheet): void {
    this.openSheet(this.screen.ui.sheet === sheet ? "none" : sheet);
  }

  /** Brings a part of the page to the front. */
  show(part: Part): void {
    this.present({ part, sheet: "none" });
  }

  /** Goes to the dial field. */
  addCall(): void {
    this.show("home");
    this.page.focus("dial");
  }

  /** Opens the full card of a banner. */
  openCard(): void {
    const { card } = this.screen.ui;
    if (!card) return;
    this.present({ card: { ...card, shape: "full" } });
    this.page.focus("card");
  }

  /** Hides a message here; the daemon keeps it. */
  dismiss(id: string): void {
    this.change({ problems: this.screen.problems.filter((one) => one.id !== id) });
    this.present({ dismissed: new Set([...this.screen.ui.dismissed, id]) });
  }

  /** Brings a page of home to the front. */
  showHome(home: HomePage): void {
    this.present({ home });
  }

  /** Unfolds older messages. */
  unfoldMessages(): void {
    this.present({ allMessages: true });
  }

  /** Chooses a filter of the recents. */
  choose(filter: RecentsFilter): void {
    this.present({ filter });
    void this.readRecents();
  }

  /** Reads the recents again; an older answer never replaces a newer one. */
  async readRecents(): Promise<void> {
    if (!this.link) return;
    const turn = ++this.recentsRead;
    try {
      const entries = await this.link.recents(this.screen.ui.filter);
      if (turn === this.recentsRead) this.change({ recents: { state: "ready", entries } });
    } catch {
      const { entries } = this.screen.recents;
      if (turn === this.recentsRead) this.change({ recents: { state: "failed", entries } });
    }
  }

  /** Shows a refusal as a message row of this page. */
  problem(text: string): void {
    this.problemCount += 1;
    const row: Message = {
      id: `page-${this.problemCount}`,
      text,
      detail: null,
      tone: "caution",
      alert: true,
      action: null,
      at_ms: this.now(),
    };
    this.change({ problems: [...this.screen.problems, row].slice(-PROBLEMS_MAX) });
  }

  private showDigit(call: string, digit: string): void {
    const { digits } = this.screen.ui;
    this.present({ digits: { ...digits, [call]: (digits[call] ?? "") + digit } });
  }

  private nextView(revision: number): Promise<void> {
    const limit = Date.now() + SETTLE_LIMIT_MS;
    return new Promise((done) => {
      const look = () => {
        const seen = (this.screen.view?.revision ?? 0) > revision;
        if (seen || Date.now() >= limit || this.screen.link !== "open") done();
        else setTimeout(look, 30);
      };
      look();
    });
  }

  private mark(key: string, state: Pending | null): void {
    const pending = new Map(this.screen.pending);
    if (state) pending.set(key, state);
    else pending.delete(key);
    this.change({ pending });
  }

  private present(part: Partial<Presentation>): void {
    this.change({ ui: { ...this.screen.ui, ...part } });
  }

  private change(part: Partial<Screen>): void {
    this.screen = { ...this.screen, ...part };
    this.page.draw();
  }
}

/** Requests after which a new view is worth waiting for. */
const CHANGES_VIEW: Record<RequestBody["request"], boolean> = {
  answer: true,
  decline: true,
  end: true,
  silence: true,
  hold: true,
  mute: true,
  swap: true,
  merge: true,
  split: true,
  "end-group": true,
  video: true,
  "decline-video": true,
  "send-rest": true,
  "drop-rest": true,
  translate: true,
  press: true,
  "on-answer": true,
  driving: true,
  "ring-on": true,
  dial: true,
  route: true,
  "do-not-disturb": true,
  block: true,
  allow: true,
  "repeated-callers": true,
  restrict: true,
  protect: true,
  privacy: true,
  "second-calls": true,
  "block-pattern": true,
  "except-pattern": true,
  "caller-rule": true,
  "call-back": true,
  "list-switch": false,
  "list-order": false,
  "list-remove": false,
  "list-reload": false,
  digits: false,
  "open-app": false,
};

/** One name per request, so that two buttons for the same thing are busy together. */
export function requestKey(request: RequestBody): string {
  return JSON.stringify(request);
}
