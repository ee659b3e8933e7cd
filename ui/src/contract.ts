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
  | { request: "video"; call: string; on: boolean }
  | { request: "decline-video" | "send-rest" | "drop-rest"; call: string }
  | { request: "translate"; call: string; local?: string; remote?: string }
  | { request: "press"; call: string; button: string }
  | { request: "on-answer"; rule?: AnswerRule }
  | { request: "ring-on"; device: string }
  | { request: "driving"; on: boolean }
  | Dial
  | { request: "route"; endpoint: string }
  | { request: "do-not-disturb"; on: boolean; until_ms?: number }
  | { request: "block" | "allow"; handle: string; handle_kind?: string; on: boolean }
  | { request: "repeated-callers" | "restrict"; on: boolean }
  | { request: "protect"; app: string; on: boolean }
  | { request: "privacy"; app: string; level: "full" | "name-hidden" }
  | { request: "second-calls"; rule?: SecondCalls; app?: string }
  | { request: "block-pattern" | "except-pattern"; pattern: string; on: boolean }
  | { request: "caller-rule"; rule: string; on: boolean }
  | { request: "call-back"; minutes: number }
  | { request: "list-switch"; list: string; on: boolean }
  | { request: "list-order"; lists: string[] }
  | { request: "list-remove" | "list-reload"; list: string };

export type Dial = {
  request: "dial";
  app: string;
  handle: string;
  handle_kind?: string;
  video?: boolean;
  account?: string;
};

/** What a call does that comes while another one is there. */
export type SecondCalls = "ring" | "busy" | "missed";

/** Whether answering brings an app to the front; without a rule each app decides. */
export type AnswerRule = "stay" | "open-app" | "open-if-video";

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
  /** `note`: an interruption, a change under way, a lost device, a choice that failed. */
  audio: { label: string; endpoints: EndpointView[]; note: string | null };
  apps: AppView[];
  /** What comes to the front on answer. */
  front: FrontView;
  /** Where it rings, one choice after another. */
  ring_on: RingPlace[];
  /** Pictures of apps by the app's id: where the page finds them, as a mask. */
  icons: Record<string, string>;
  /** Newest last. */
  messages: Message[];
  /** Who may ring. */
  rules: RulesView;
  /** The sources of the call directory, in the user's order. */
  sources: SourceView[];
};

export type SourceView = {
  id: string;
  name: string;
  /** "Loaded by you". */
  kind_text: string;
  /** "Blocks 1,204,318 numbers." */
  holds_text: string;
  loaded_ms: number | null;
  enabled: boolean;
  loading: boolean;
  /** What is wrong with it, and what is in force all the same. */
  problem: string | null;
  problem_ms: number | null;
  toggle: RequestBody;
  up: RequestBody | null;
  down: RequestBody | null;
  remove: RequestBody;
  /** Null for the user's own. */
  reload: RequestBody | null;
};

/** A decision of the call directory in words. */
export type DecisionView = {
  verdict: "ring" | "block" | "not-rung";
  headline: string;
  rule: string | null;
  list: string | null;
  at: number;
  candidates: { number: string; formed: string }[];
  steps: DecisionStep[];
  labels: { text: string; list: string | null }[];
  note?: string;
};

export type DecisionStep = {
  rule: string;
  title: string;
  badge: string;
  list: string | null;
  generation: number | null;
  loaded: number | null;
  in_force: boolean;
  matches: boolean;
  decided: boolean;
  sentence: string;
};

/** What came of a file of numbers. */
export type ImportReport = {
  loaded: boolean;
  headline: string;
  format: string;
  blocks: number;
  names: number;
  left_out: number;
  /** It would block a whole country or more, which has to be confirmed. */
  wide: boolean;
  notes: { tone: "info" | "caution" | "bad"; text: string }[];
};

export type RulesView = {
  do_not_disturb: boolean;
  until_ms: number | null;
  text: string;
  toggle: RequestBody | null;
  blocked: PersonView[];
  allowed: PersonView[];
  restricted: boolean;
  restrict: RequestBody | null;
  protected: PersonView[];
  hidden_names: PersonView[];
  second_calls: RuleChoice[];
  second_calls_of: PersonView[];
  patterns: PersonView[];
  exceptions: PersonView[];
  callers: CallerRule[];
  call_back: RuleChoice[];
};

export type RuleChoice = {
  label: string;
  detail: string | null;
  chosen: boolean;
  request: RequestBody;
};

export type CallerRule = {
  id: string;
  label: string;
  detail: string;
  on: boolean;
  request: RequestBody;
};

export type PersonView = { title: string; remove: RequestBody };

export type RingPlace = {
  label: string;
  detail: string | null;
  chosen: boolean;
  request: RequestBody;
};

export type FrontView = { on_answer: AnswerRule | null; driving: boolean };

/** `accounts` is empty where there is only one, which needs no name. */
export type AppView = { id: string; name: string; ready: boolean; accounts: AccountView[] };

export type AccountView = { id: string; label: string };

export type Party = {
  title: string;
  subtitle: string | null;
  initials: string;
  app: { id: string; name: string; account?: string };
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
  /** The app's own, such as "Open door". */
  buttons: Button[];
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
  /** What the user is asked: an offer of video, or whether digits that wait are to be sent. */
  offer: Offer | null;
  /** The calls of a group, which has one card; none for a lone call. */
  members: Member[];
};

export type Offer = { text: string; agree: Button; decline: Button };

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
  /** The picture of one of the app's own. */
  icon?: string;
  /** Null: the page opens its own keypad, audio list, languages or dial field. */
  request: RequestBody | null;
};

export type EndpointView = {
  id: string;
  name: string;
  detail: string | null;
  in_use: boolean;
  /** Chosen, and not in use yet or any more. */
  wanted: boolean;
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
  /** Why one cannot call back. */
  redial_reason: string | null;
  /** What the call directory decided about it, if a rule of it did. */
  why?: string | null;
};

/** What is other than in the view before, and the fields it has not named stay as they were. */
export type ViewChange = {
  from: number;
  revision: number;
  /** Cards that are new or changed, each in full. */
  calls: CallView[];
  /** The ids of all cards in their order, if one came, went or moved. */
  order?: string[];
  fields: Partial<Omit<View, "calls" | "revision">>;
};
export type Frame = { type: "view"; view: View } | { type: "change"; change: ViewChange };
export type Refusal = { error: string; message: string };
