/** A list of which exactly one is chosen, moved through with the arrow keys. */
import type { RequestBody } from "../contract.ts";
import { requestKey } from "../client.ts";
import { plainText } from "../format.ts";
import { arrowTarget } from "./arrows.ts";
import { usePage } from "./context.ts";
import { Icon } from "./icon.tsx";

export type Option = {
  label: string;
  detail: string | null;
  chosen: boolean;
  request: RequestBody;
};

export function Options(props: { label: string; icon: string; options: Option[] }) {
  const chosen = Math.max(0, props.options.findIndex((option) => option.chosen));
  return (
    <div role="radiogroup" aria-label={props.label} onKeyDown={moveFocus}>
      {props.options.map((option, at) => (
        <Row
          key={requestKey(option.request)}
          option={option}
          icon={props.icon}
          first={at === chosen}
        />
      ))}
    </div>
  );
}

function Row({ option, icon, first }: { option: Option; icon: string; first: boolean }) {
  const { client, screen } = usePage();
  const pending = screen.pending.get(requestKey(option.request)) === "shown";
  const busy = pending || screen.link !== "open";
  const press = () => {
    if (!option.chosen && !busy) void client.send(option.request);
  };
  return (
    <button
      type="button"
      class={`opt ${busy ? "busy" : ""}`}
      role="radio"
      aria-checked={option.chosen}
      aria-busy={busy ? "true" : undefined}
      tabIndex={first ? 0 : -1}
      onClick={press}
    >
      <Icon name={busy ? "spin" : icon} />
      <span class="opt-text">
        <b><bdi>{plainText(option.label)}</bdi></b>
        {option.detail && <small><bdi>{plainText(option.detail)}</bdi></small>}
      </span>
      {option.chosen && <Icon name="check" />}
    </button>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const group = event.currentTarget as HTMLElement;
  const list = [...group.querySelectorAll<HTMLElement>(".opt")];
  const target = arrowTarget(event.key, list.indexOf(event.target as HTMLElement), list.length, 1);
  if (target === null) return;
  event.preventDefault();
  list[target]?.focus();
}
