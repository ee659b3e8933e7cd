/**
 * Messages (C10): what happened, what is kept, one action. They stand in the flow of the page, so
 * they cover nothing; one goes when it is dismissed, or 10 s after it had the focus.
 */
import { useEffect, useState } from "preact/hooks";

import type { Screen } from "../client.ts";
import type { Message } from "../contract.ts";
import { plainText } from "../format.ts";
import { useGuarded, usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Press } from "../parts/press.tsx";
import { visibleMessages } from "../presentation.ts";
import { strings } from "../strings.ts";

const STAYS_AFTER_FOCUS_MS = 10_000;

export function Messages() {
  const { client, screen } = usePage();
  const { shown, folded } = shownMessages(screen);
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
export function shownMessages(screen: Screen) {
  return visibleMessages([...(screen.view?.messages ?? []), ...screen.problems], screen.ui);
}

const ICONS: Record<Message["tone"], string> = { info: "info", caution: "warn", bad: "warn" };

function Row({ message }: { message: Message }) {
  const { client } = usePage();
  const ref = useGuarded<HTMLDivElement>();
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

/** Lets a message go 10 s after the focus left it. */
function useReadTimer(gone: () => void) {
  const [left, setLeft] = useState(false);
  useEffect(() => {
    if (!left) return undefined;
    const timer = setTimeout(gone, STAYS_AFTER_FOCUS_MS);
    return () => clearTimeout(timer);
  }, [left]);
  return { onFocusOut: () => setLeft(true), onFocusIn: () => setLeft(false) };
}
