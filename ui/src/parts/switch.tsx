/** A switch of the daemon: it shows the view and turns when a new view says so. */
import type { RequestBody } from "../contract.ts";
import { usePage } from "./context.ts";

export type SwitchProps = {
  label: string;
  on: boolean;
  /** The whole name where no label stands beside it. */
  name?: string;
  /** Its state in words. */
  word: string;
  request: RequestBody | null;
};

export function Switch({ label, name, on, word, request }: SwitchProps) {
  const { client, screen } = usePage();
  const open = screen.link === "open";
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={name}
      aria-disabled={open ? undefined : "true"}
      onClick={() => void (open && request && client.send(request))}
    >
      <i aria-hidden="true" />
      {label}
      <span class="w" aria-hidden="true">{word}</span>
    </button>
  );
}
