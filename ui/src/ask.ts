/**
 * Questions to the daemon that are no requests: why, what if, and files of numbers.
 *
 * # Promises
 *
 * - **AS1** every question ends: with an answer, the daemon's sentence, or the one that it was not
 *   reached.
 * - **AS2** the progress of a file is what the daemon has taken, as it reads while it is sent.
 */
import type { DecisionView, ImportReport, Refusal } from "./contract.ts";
import { strings } from "./strings.ts";

export type Answer<T> = { ok: true; value: T } | { ok: false; error: string; message: string };

const LIMIT_MS = 10_000;
const FILE_LIMIT_MS = 190_000;

/** What would happen if a number called; empty: a hidden one. */
export function explain(handle: string): Promise<Answer<DecisionView>> {
  return question("api/v1/directory/explain", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ handle }),
  });
}

/** What was decided about a call. */
export function whyOf(call: string): Promise<Answer<DecisionView>> {
  return question(`api/v1/directory/calls/${encodeURIComponent(call)}`, {});
}

export type FileWish = {
  file: File;
  /** The list to load; none: the file is only checked. */
  list: string | null;
  region: string;
  names: boolean;
  wide: boolean;
};

/** Sends a file; `taken` is told how much of it the daemon has, from 0 to 1. */
export function sendFile(
  wish: FileWish,
  taken: (part: number) => void,
): Promise<Answer<ImportReport>> {
  const path = wish.list === null ? "lint" : `lists/${encodeURIComponent(wish.list)}`;
  const query = new URLSearchParams({
    file: wish.file.name,
    names: String(wish.names),
    wide: String(wish.wide),
  });
  if (wish.region) query.set("region", wish.region);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", new URL(`api/v1/directory/${path}?${query}`, location.href));
    request.setRequestHeader("content-type", "application/octet-stream");
    request.timeout = FILE_LIMIT_MS;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) taken(event.loaded / event.total);
    });
    const lost = () => done(notReached());
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    request.addEventListener("load", () => done(read(request.status, request.responseText)));
    request.send(wish.file);
  });
}

async function question<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const address = new URL(path, new URL(".", location.href));
    const answer = await fetch(address, { ...init, signal, credentials: "same-origin" });
    return read(answer.status, await answer.text());
  } catch {
    return notReached();
  }
}

function read<T>(status: number, text: string): Answer<T> {
  try {
    const body = JSON.parse(text) as T & Partial<Refusal>;
    if (status === 200) return { ok: true, value: body };
    return { ok: false, error: body.error ?? "", message: body.message ?? strings.notSent };
  } catch {
    return notReached();
  }
}

function notReached(): { ok: false; error: string; message: string } {
  return { ok: false, error: "Unreachable", message: strings.notSent };
}
