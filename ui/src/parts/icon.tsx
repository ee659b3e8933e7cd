/**
 * Icons and the call line: drawings from one sheet, always beside a word, so hidden from
 * readers.
 */

export function Icon({ name, size = "" }: { name: string; size?: "" | "s" | "xs" | "b" }) {
  return (
    <svg class={`i ${size} ${name === "spin" ? "spin" : ""}`} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}

export type Phase = "ringing" | "dialing" | "active" | "held" | "ended" | "blocked";

/** The mark that carries a call's phase without color. */
export function CallLine({ phase }: { phase: Phase }) {
  return (
    <svg class="pl" viewBox="0 0 40 10" aria-hidden="true">
      <use href={`#pl-${phase}`} />
    </svg>
  );
}
