/**
 * Buttons that send a request.
 *
 * # Promises
 *
 * - **B1** a button that cannot work keeps its place and the focus, and says why when pressed.
 * - **B2** a busy button keeps its place, shows a ring and a word, and ignores a second press.
 * - **B3** the word of a button that is on is its state; no pressed state is told beside it.
 */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { requestKey } from "../client.ts";
import type { Button, RequestBody } from "../contract.ts";
import { plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { usePage } from "./context.ts";
import { Icon } from "./icon.tsx";

export type PressProps = {
  class: string;
  /** Which word to show while busy. */
  what: string;
  icon?: string | undefined;
  iconSize?: "" | "s" | "xs" | "b";
  label: string;
  detail?: string | null;
  request: RequestBody | null;
  enabled?: boolean;
  reason?: string | null;
  busy?: boolean;
  /** The whole name where the visible word is not enough. */
  name?: string | undefined;
  /** What pressing it does beyond its word, for a screen reader. */
  description?: string | null;
  iconOnly?: boolean;
  stacked?: boolean;
  expanded?: boolean | undefined;
  popup?: "dialog" | undefined;
  onPress?: (() => void) | undefined;
};

/** What a button has from the daemon: its word, what it asks for, and whether it can. */
export function served(button: Button) {
  const { label, request, enabled, reason, busy } = button;
  return { label, request, enabled, reason, busy };
}

export function Press(props: PressProps) {
  const { client, screen } = usePage();
  const tip = useId();
  const enabled = props.enabled ?? true;
  const busy = isBusy(props, screen);
  const press = () => {
    if (!enabled) return client.say(strings.notAvailable(props.label, props.reason ?? ""));
    if (busy) return screen.link === "open" ? undefined : client.say(client.lostSentence());
    if (props.onPress) return props.onPress();
    if (props.request) void client.send(props.request);
  };
  const said = enabled ? props.description : props.reason;
  return (
    <button
      type="button"
      class={`${props.class} ${busy ? "busy" : ""}`}
      aria-disabled={enabled ? undefined : "true"}
      aria-busy={busy ? "true" : undefined}
      aria-label={nameOf(props, busy && screen.link === "open")}
      aria-describedby={said ? tip : undefined}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      data-id={props.what}
      onClick={press}
    >
      <Face {...props} busy={busy} word={wordOf(props, busy && screen.link === "open")} />
      {said && (
        <span id={tip} class={enabled ? "sr" : "tip"} aria-hidden="true">
          {plainText(said)}
        </span>
      )}
    </button>
  );
}

function Face(props: PressProps & { busy: boolean; word: string }) {
  const icon = props.busy ? "spin" : props.icon;
  const parts: ComponentChildren[] = [];
  if (icon) parts.push(<Icon key="icon" name={icon} size={props.iconSize ?? ""} />);
  if (props.iconOnly) return <>{parts}</>;
  parts.push(
    <span key="word" class="word">
      {plainText(props.word)}
    </span>,
  );
  const detail = props.detail ? (
    <small key="detail">
      <bdi>{plainText(props.detail)}</bdi>
    </small>
  ) : null;
  if (!props.stacked)
    return (
      <>
        {parts}
        {detail}
      </>
    );
  return (
    <>
      <span class="top">{parts}</span>
      {detail}
    </>
  );
}

function isBusy(props: PressProps, screen: ReturnType<typeof usePage>["screen"]): boolean {
  if (props.busy) return true;
  if (props.request === null) return false;
  if (screen.link !== "open") return true;
  return screen.pending.get(requestKey(props.request)) === "shown";
}

/** "Ending" is said only of a request that was sent; without a link the word stays as it was. */
function wordOf(props: PressProps, sent: boolean): string {
  return sent ? (strings.busy[props.what] ?? props.label) : props.label;
}

/** The accessible name, where it is not simply the visible text. */
function nameOf(props: PressProps, sent: boolean): string | undefined {
  const word = wordOf(props, sent);
  if (props.name) return sent ? `${word}, ${plainText(props.name)}` : plainText(props.name);
  return props.iconOnly ? plainText(word) : undefined;
}
