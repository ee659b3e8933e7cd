/** A running time. It is never read out by itself; on focus it says its value in words. */
import { useEffect, useState } from "preact/hooks";

import { clock, spokenDuration } from "../format.ts";
import { usePage } from "./context.ts";

export function Timer({ from, still = false }: { from: number; still?: boolean }) {
  const { screen } = usePage();
  const elapsed = useElapsed(from, screen.skew);
  const [spoken, setSpoken] = useState<string | undefined>(undefined);
  if (still) {
    return (
      <span class="timer" aria-hidden="true">
        {clock(elapsed)}
      </span>
    );
  }
  return (
    <span
      class="timer"
      role="timer"
      aria-live="off"
      tabIndex={0}
      aria-label={spoken}
      onFocus={() => setSpoken(spokenDuration(elapsed))}
      onBlur={() => setSpoken(undefined)}
    >
      {clock(elapsed)}
    </span>
  );
}

/** Milliseconds since `from` on the daemon's clock, anew at each full second. */
export function useElapsed(from: number, skew: number): number {
  const [, tick] = useState(0);
  const elapsed = Date.now() + skew - from;
  useEffect(() => {
    const wait = 1000 - (Math.max(0, elapsed) % 1000);
    const timer = setTimeout(() => tick((count) => count + 1), wait + 5);
    return () => clearTimeout(timer);
  });
  return elapsed;
}
