/**
 * Where the call is heard (C6): a sheet on phones, a popover above its button on desktops. The End
 * of the call stays where it was; on phones the sheet repeats it at the same spot.
 */
import type { CallView, EndpointView, View } from "../contract.ts";
import { requestKey } from "../client.ts";
import { plainText } from "../format.ts";
import { arrowTarget } from "../parts/arrows.ts";
import { usePage } from "../parts/context.ts";
import { EndBar } from "../parts/end-bar.tsx";
import { Note } from "../parts/call-bits.tsx";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../strings.ts";

export function AudioSheet({ view, call }: { view: View; call: CallView }) {
  const { client } = usePage();
  const { endpoints, note } = view.audio;
  const used = Math.max(0, endpoints.findIndex((one) => one.in_use));
  return (
    <div class="sheet-area" data-surface="C6">
      <div class="scrim" onClick={() => client.openSheet("none")} />
      <div class="sheet" role="dialog" aria-label={strings.audio} data-sheet="audio">
        <div class="grab" aria-hidden="true" />
        <div class="hd">
          <h2>{strings.talkOn}</h2>
          <button
            type="button"
            class="ico"
            aria-label={strings.close}
            data-first={endpoints.length === 0 ? "" : undefined}
            onClick={() => client.openSheet("none")}
          >
            <Icon name="x" />
          </button>
        </div>
        {note && <Note tone="warn" icon="info" text={note} />}
        <div role="radiogroup" aria-label={strings.talkOn} onKeyDown={moveFocus}>
          {endpoints.map((one, at) => (
            <Endpoint key={one.id} endpoint={one} first={at === used} />
          ))}
        </div>
        {endpoints.length === 0 && <p class="sub">{strings.noEndpoints}</p>}
        <EndBar call={call} />
      </div>
    </div>
  );
}

function Endpoint({ endpoint, first }: { endpoint: EndpointView; first: boolean }) {
  const { client, screen } = usePage();
  const pending = screen.pending.get(requestKey(endpoint.request)) === "shown";
  const busy = pending || screen.link !== "open";
  const name = plainText(endpoint.name);
  const detail = plainText(endpoint.detail ?? "");
  const press = () => {
    if (endpoint.enabled) void client.send(endpoint.request);
    else client.say(strings.notAvailable(name, detail));
  };
  return (
    <button
      type="button"
      class={`opt ${busy ? "busy" : ""} ${endpoint.wanted ? "wanted" : ""}`}
      role="radio"
      aria-checked={endpoint.in_use}
      aria-disabled={endpoint.enabled ? undefined : "true"}
      aria-busy={busy ? "true" : undefined}
      tabIndex={first ? 0 : -1}
      data-first={first ? "" : undefined}
      onClick={press}
    >
      <Icon name={busy ? "spin" : endpointIcon(endpoint)} />
      <span class="opt-text">
        <b><bdi>{name}</bdi></b>
        {detail && <small><bdi>{detail}</bdi></small>}
      </span>
      {endpoint.in_use && <Icon name="check" />}
    </button>
  );
}

const KINDS: [RegExp, string][] = [
  [/headset|headphone|bluetooth|earbud|bluez/i, "headset"],
  [/handset|earpiece/i, "handset"],
  [/usb/i, "usb"],
];

/** A picture for a device; its words stand beside it, so a wrong guess costs nothing. */
function endpointIcon(endpoint: EndpointView): string {
  const text = `${endpoint.id} ${endpoint.name} ${endpoint.detail ?? ""}`;
  return KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? "speaker";
}

function moveFocus(event: KeyboardEvent): void {
  const list = [...document.querySelectorAll<HTMLElement>(".opt")];
  const target = arrowTarget(event.key, list.indexOf(event.target as HTMLElement), list.length, 1);
  if (target === null) return;
  event.preventDefault();
  list[target]?.focus();
}
