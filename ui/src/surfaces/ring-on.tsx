/** Where it rings: where everything plays, everywhere, or one device. */
import type { RingPlace } from "../contract.ts";
import { requestKey } from "../client.ts";
import { plainText } from "../format.ts";
import { arrowTarget } from "../parts/arrows.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../strings.ts";

export function RingOn() {
  const { screen } = usePage();
  const places = screen.view?.ring_on ?? [];
  if (places.length === 0) return null;
  const chosen = Math.max(0, places.findIndex((place) => place.chosen));
  return (
    <details class="shortcuts ring-on">
      <summary>{strings.ringOn}</summary>
      <div role="radiogroup" aria-label={strings.ringOn} onKeyDown={moveFocus}>
        {places.map((place, at) => (
          <Place key={requestKey(place.request)} place={place} first={at === chosen} />
        ))}
      </div>
      <p class="sub">{strings.ringOnHint}</p>
    </details>
  );
}

function Place({ place, first }: { place: RingPlace; first: boolean }) {
  const { client, screen } = usePage();
  const pending = screen.pending.get(requestKey(place.request)) === "shown";
  const busy = pending || screen.link !== "open";
  const press = () => {
    if (!place.chosen && !busy) void client.send(place.request);
  };
  return (
    <button
      type="button"
      class={`opt ${busy ? "busy" : ""}`}
      role="radio"
      aria-checked={place.chosen}
      aria-busy={busy ? "true" : undefined}
      tabIndex={first ? 0 : -1}
      onClick={press}
    >
      <Icon name={busy ? "spin" : "speaker"} />
      <span class="opt-text">
        <b><bdi>{plainText(place.label)}</bdi></b>
        {place.detail && <small><bdi>{plainText(place.detail)}</bdi></small>}
      </span>
      {place.chosen && <Icon name="check" />}
    </button>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const list = [...document.querySelectorAll<HTMLElement>(".ring-on .opt")];
  const target = arrowTarget(event.key, list.indexOf(event.target as HTMLElement), list.length, 1);
  if (target === null) return;
  event.preventDefault();
  list[target]?.focus();
}
