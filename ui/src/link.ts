/**
 * The link to the daemon: one WebSocket for views, one POST per request.
 *
 * Input: an address and browser functions (passed in, so that tests need no network). Output: views
 * and the state of the link.
 *
 * # Promises
 *
 * - **L1** a lost link is retried with waits that grow to 8 s and no further; never in a tight
 *   loop.
 * - **L2** a refused key is told apart from a lost link.
 * - **L3** a link that is silent at opening for 10 s is given up and retried.
 * - **L5** views add up from changes; when one does not fit, the link begins anew.
 * - **L4** every request ends within 10 s: accepted, refused with a sentence, or not sent.
 */
import { follow } from "./change.ts";
import type {
  Frame,
  RecentsEntry,
  RecentsFilter,
  Refusal,
  RequestBody,
  View,
} from "./contract.ts";
import { strings } from "./strings.ts";

export type LinkState = "connecting" | "open" | "lost" | "refused";
export type Outcome = { ok: true } | { ok: false; message: string };

export type LinkPorts = {
  socket: (address: string) => WebSocket;
  fetch: typeof fetch;
  /** 0 to 1, spreads the retries of several pages. */
  chance: () => number;
};

export type LinkEvents = { view: (view: View) => void; state: (state: LinkState) => void };

export const OPEN_LIMIT_MS = 10_000;
export const REQUEST_LIMIT_MS = 10_000;
export const RETRY_MAX_MS = 8_000;
const RETRY_MIN_MS = 250;
const RECENTS_LIMIT = 200;

/** The wait before try number `tries` (L1). */
export function retryWait(tries: number, chance: number): number {
  const full = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(tries, 10));
  return Math.round(full * (0.75 + 0.25 * chance));
}

export class Link {
  private tries = 0;
  private latest: View | null = null;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly base: URL;
  private readonly ports: LinkPorts;
  private readonly events: LinkEvents;

  constructor(base: URL, ports: LinkPorts, events: LinkEvents) {
    this.base = base;
    this.ports = ports;
    this.events = events;
  }

  /** Connects, and stays connected until the page goes. */
  open(): void {
    const address = new URL("api/v1/ws?changes=1", this.base);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.ports.socket(address.href);
    this.socket = socket;
    this.latest = null;
    this.wait(OPEN_LIMIT_MS, () => socket.close()); // L3
    socket.addEventListener("message", (event) => this.received(socket, event));
    socket.addEventListener("close", () => this.closed(socket));
  }

  /** Tries at once, for example because the machine is back from sleep. */
  hurry(): void {
    if (this.socket !== null) return;
    clearTimeout(this.timer);
    this.open();
  }

  /** Posts one request. */
  async request(body: RequestBody): Promise<Outcome> {
    try {
      const answer = await this.call("api/v1/requests", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (answer.ok) return { ok: true };
      const refusal = (await answer.json()) as Partial<Refusal>;
      return { ok: false, message: refusal.message ?? strings.notSent };
    } catch {
      return { ok: false, message: strings.notSent };
    }
  }

  /** Reads the recents; throws when they cannot be read. */
  async recents(filter: RecentsFilter): Promise<RecentsEntry[]> {
    const path = `api/v1/recents?filter=${filter}&limit=${RECENTS_LIMIT}`;
    const answer = await this.call(path, {});
    if (!answer.ok) throw new Error(`recents: ${answer.status}`);
    return ((await answer.json()) as { entries: RecentsEntry[] }).entries;
  }

  private call(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(REQUEST_LIMIT_MS); // L4
    const address = new URL(path, this.base);
    return this.ports.fetch(address, { ...init, signal, credentials: "same-origin" });
  }

  private received(socket: WebSocket, event: MessageEvent): void {
    if (socket !== this.socket) return;
    const frame = parseFrame(event.data);
    if (frame === null) return;
    const view = frame.type === "view" ? frame.view : follow(this.latest, frame.change);
    if (view === null) return socket.close(); // L5
    clearTimeout(this.timer);
    this.tries = 0;
    this.latest = view;
    this.events.state("open");
    this.events.view(view);
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.events.state("lost");
    void this.askWhy();
    this.wait(retryWait(this.tries, this.ports.chance()), () => this.open());
    this.tries += 1;
  }

  /** A socket closes without saying why; a plain request can tell a refused key (L2). */
  private async askWhy(): Promise<void> {
    try {
      const answer = await this.call("api/v1/view", {});
      const refused = answer.status === 401 || answer.status === 403;
      if (refused && this.socket === null) this.events.state("refused");
    } catch {
      // No daemon: the state is already "lost".
    }
  }

  private wait(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }
}

function parseFrame(data: unknown): Frame | null {
  try {
    const frame = JSON.parse(String(data)) as Frame;
    return frame.type === "view" || frame.type === "change" ? frame : null;
  } catch {
    return null;
  }
}
