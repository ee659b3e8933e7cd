/**
 * Messages (C10): what happened, what is kept, one action. One goes when it is dismissed, or 10 s
 * after the window had the focus while it was shown; not while the person is at it.
 */
import { useEffect, useState } from "preact/hooks";

import type { Screen } from "../client.ts";
import type { Message } from "../contract.ts";
import { plainText } from "../format.ts";
import { useGuarded, usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Press } from "../parts/press.tsx";
import { MESSAGE_FRESH_MS, hasCalls, visibleMessages } from "../presentation.ts";
import { strings } from "../strings.ts";

const STAYS_AFTER_FOCUS_MS = 10_000;

export function Messages() {
  const { client, screen } = usePage();
  const { shown, folded } = shownMessages(screen, client.now());
  if (shown.length === 0) return null;
  return (
    <section class="messages" aria-label={strings.messages}>
      {shown.map((message) => (
        <Row key={message.id} message={message} />
      ))}
      {folded > 0 && (
        <button type="button" class="btn small" onClick={() => client.unfoldMessages()}>
          {strings.olderMessages(folded)}
        </button>
      )}
    </section>
  );
}

/** The rows that are not dismissed and not folded away: the daemon's, and refusals of this page. */
export function shownMessages(screen: Screen, now: number) {
  const all = [...(screen.view?.messages ?? []), ...screen.problems];
  return visibleMessages(all, screen.ui, screen.view, now);
}

const ICONS: Record<Message["tone"], string> = { info: "info", caution: "warn", bad: "warn" };

function Row({ message }: { message: Message }) {
  const { client, screen } = usePage();
  const ref = useGuarded<HTMLDivElement>();
  const inCall = screen.view !== null && hasCalls(screen.view);
  useRedrawAt(inCall ? message.at_ms + MESSAGE_FRESH_MS : null);
  const read = useReadTimer(() => client.dismiss(message.id));
  const text = plainText(message.text);
  return (
    <div
      ref={ref}
      class={`msg ${message.tone}`}
      role={message.alert ? "alert" : "status"}
      data-message={message.id}
      {...read}
    >
      <Icon name={ICONS[message.tone]} />
      <div>
        <p class="msg-text"><bdi>{text}</bdi></p>
        {message.detail && <p class="sub small"><bdi>{plainText(message.detail)}</bdi></p>}
      </div>
      {message.action && (
        <Press
          class="btn small"
          what={message.action.request.request}
          label={message.action.label}
          request={message.action.request}
        />
      )}
      <button
        type="button"
        class="ico"
        aria-label={strings.dismiss(text)}
        onClick={() => client.dismiss(message.id)}
      >
        <Icon name="x" />
      </button>
    </div>
  );
}

/** Draws again at a moment of the daemon's clock, when a message of a call is no longer fresh. */
function useRedrawAt(at_ms: number | null): void {
  const { client } = usePage();
  useEffect(() => {
    if (at_ms === null) return undefined;
    const timer = setTimeout(() => client.redraw(), Math.max(0, at_ms - client.now()));
    return () => clearTimeout(timer);
  }, [at_ms]);
}

/** Lets a message go 10 s after the window had the focus; keys or a pointer at it keep it. */
function useReadTimer(gone: () => void) {
  const [seen, setSeen] = useState(() => document.hasFocus());
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    const see = () => setSeen(true);
    addEventListener("focus", see);
    return () => removeEventListener("focus", see);
  }, []);
  const read = seen && !hovered && !focused;
  useEffect(() => {
    if (!read) return undefined;
    const timer = setTimeout(gone, STAYS_AFTER_FOCUS_MS);
    return () => clearTimeout(timer);
  }, [read]);
  return {
    onFocusIn: () => setFocused(true),
    onFocusOut: () => setFocused(false),
    onMouseEnter: () => setHovered(true),
    onMouseLeave: () => setHovered(false),
  };
}
