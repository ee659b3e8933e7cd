/**
 * The daemon's HTTP contract, version 1, as types. All words in these messages are the daemon's.
 *
 * Promise: nothing here has behavior; the daemon's `openapi.json` is the reference.
 */

export type AnswerMode = "auto" | "hold" | "end" | "end-held";

export type RequestBody =
  | { request: "answer"; call: string; mode: AnswerMode }
  | { request: "decline" | "end" | "silence" | "open-app"; call: string }
  | { request: "hold" | "mute"; call: string; on: boolean }
  | { request: "swap" }
  | { request: "merge"; call: string; with: string }
  | { request: "split" | "end-group"; call: string }
  | { request: "digits"; call: string; digits: string }
  | { request: "dial"; app: string; handle: string; video?: boolean }
  | { request: "route"; endpoint: string }
  | { request: "do-not-disturb"; on: boolean; until_ms?: number }
  | { request: "block" | "allow"; handle: string; handle_kind?: string; on: boolean }
  | { request: "repeated-callers"; on: boolean };

/** Everything the page shows, computed by the daemon; a newer one replaces it whole. */
export type View = {
  revision: number;
  recents_revision: number;
  /** The daemon's wall clock, ms since the Unix epoch: timers count on it. */
  now_ms: number;
  /** The one presented ringing call. */
  incoming: Incoming | null;
  more_ringing: number;
  /** Other live calls: active first, then dialing, held, ending. */
  calls: CallView[];
  audio: { label: string; endpoints: EndpointView[] };
  apps: AppView[];
  /** Newest last. */
  messages: Message[];
  /** Who may ring. */
  rules: RulesView;
};

export type RulesView = {
  do_not_disturb: boolean;
  until_ms: number | null;
  text: string;
  toggle: RequestBody | null;
  blocked: PersonView[];
  allowed: PersonView[];
};

export type PersonView = { title: string; remove: RequestBody };

export type AppView = { id: string; name: string; ready: boolean };

export type Party = {
  title: string;
  subtitle: string | null;
  initials: string;
  app: { id: string; name: string };
  open_url: string | null;
};

export type Incoming = {
  call: string;
  party: Party;
  video: boolean;
  kind_text: string;
  since_ms: number;
  silenced: boolean;
  busy: "answering" | "declining" | null;
  choices: Choice[];
  /** "End & Answer ends the call in Acme." Always shown when present. */
  disclosure: string | null;
  /** True: a card over a live call. False: full screen or banner. */
  waiting: boolean;
  announcement: string;
};

export type Choice = {
  id: string;
  label: string;
  detail: string | null;
  description: string | null;
  enabled: boolean;
  reason: string | null;
  request: RequestBody;
};

export type CallState = "dialing" | "connecting" | "active" | "held" | "ending";

export type CallView = {
  call: string;
  party: Party;
  video: boolean;
  outgoing: boolean;
  state: CallState;
  state_text: string;
  timer_ms: number | null;
  held_reason: string | null;
  muted: boolean;
  note: string | null;
  buttons: Button[];
  /** For a group it ends all. */
  end: Button;
  /** The calls of a group, which has one card; none for a lone call. */
  members: Member[];
};

export type Member = {
  call: string;
  party: Party;
  /** Where it is, if not where the card says. */
  state_text: string | null;
  private: Button;
  end: Button;
};

export type Button = {
  id: string;
  label: string;
  detail: string | null;
  enabled: boolean;
  reason: string | null;
  on: boolean;
  busy: boolean;
  /** Null: the page opens its own keypad, audio list or dial field. */
  request: RequestBody | null;
};

export type EndpointView = {
  id: string;
  name: string;
  detail: string | null;
  in_use: boolean;
  enabled: boolean;
  request: RequestBody;
};

export type Message = {
  id: string;
  text: string;
  detail: string | null;
  tone: "info" | "caution" | "bad";
  alert: boolean;
  action: { label: string; request: RequestBody } | null;
  at_ms: number;
};

export type RecentsFilter = "all" | "missed" | "blocked";

export type RecentsEntry = {
  id: string;
  call: string;
  party: Party;
  video: boolean;
  direction: "incoming" | "outgoing";
  sentence: string;
  missed: boolean;
  blocked: boolean;
  /** It counts as missed and was neither seen nor heard. */
  did_not_ring: boolean;
  reasons: string[];
  started_ms: number;
  duration_ms: number | null;
  redial: RequestBody | null;
};

export type ViewFrame = { type: "view"; view: View };
export type Refusal = { error: string; message: string };
