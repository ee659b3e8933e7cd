/** The ongoing call while another part of the page is in front (B3): it never loses its End. */
import type { CallView } from "../contract.ts";
import { plainText } from "../format.ts";
import { buttonIcon, busyWord, StateLine } from "../parts/call-bits.tsx";
import { useGuarded, usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Press, served } from "../parts/press.tsx";
import { strings } from "../strings.ts";

const IN_PILL = ["mute", "hold", "swap"];

export function Pill({ call }: { call: CallView }) {
  const { client } = usePage();
  const ref = useGuarded<HTMLDivElement>();
  const name = plainText(call.party.title);
  const buttons = call.buttons.filter((button) => IN_PILL.includes(button.id));
  return (
    <div
      ref={ref}
      class="pill"
      role="region"
      data-surface="B3"
      aria-label={strings.callWith(name, call.state_text)}
    >
      <StateLine call={call} />
      <span class="pill-name" title={name}><bdi>{name}</bdi></span>
      {buttons.map((button) => (
        <Press
          key={button.id}
          class={`ico ${button.on ? "on" : ""}`}
          what={busyWord(button)}
          icon={buttonIcon(button)}
          iconOnly
          name={strings.swapPerson(button.label, name)}
          {...served(button)}
        />
      ))}
      <button
        type="button"
        class="ico"
        aria-label={strings.swapPerson(strings.returnToCall, name)}
        onClick={() => client.show("call")}
      >
        <Icon name="open" />
      </button>
      <Press
        class="ico end"
        what="end"
        icon="end"
        iconOnly
        name={strings.endPerson(name)}
        {...served(call.end)}
      />
    </div>
  );
}
