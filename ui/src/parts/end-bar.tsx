/** The large End of the first call: on every surface of a call, at the same spot. */
import type { CallView } from "../contract.ts";
import { plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { Press, served } from "./press.tsx";

export function EndBar({ call }: { call: CallView }) {
  const name = plainText(call.party.title);
  const group = call.members.length > 0;
  const whole = group ? strings.swapPerson(call.end.label, name) : strings.endPerson(name);
  return (
    <Press
      class="endbar"
      what="end"
      icon="end"
      iconSize="b"
      detail={call.end.detail}
      name={call.end.detail ? undefined : whole}
      {...served(call.end)}
    />
  );
}
