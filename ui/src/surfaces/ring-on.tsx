/** Where it rings: where everything plays, everywhere, or one device. */
import { usePage } from "../parts/context.ts";
import { Options } from "../parts/options.tsx";
import { strings } from "../strings.ts";

export function RingOn() {
  const { screen } = usePage();
  const places = screen.view?.ring_on ?? [];
  if (places.length === 0) return null;
  return (
    <details class="shortcuts ring-on">
      <summary>{strings.ringOn}</summary>
      <Options label={strings.ringOn} icon="speaker" options={places} />
      <p class="sub">{strings.ringOnHint}</p>
    </details>
  );
}
