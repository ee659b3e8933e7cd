/** What the user is asked about a call: one row over it, with the two things one can say to it. */
import type { CallView, Offer } from "../contract.ts";
import { plainText } from "../format.ts";
import { useGuarded } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Press, served } from "../parts/press.tsx";

/** The offers of all calls; nothing where there are none. */
export function Offers({ calls }: { calls: CallView[] }) {
  const row = ({ call, offer }: CallView) =>
    offer && <OfferRow key={call} call={call} offer={offer} />;
  return <>{calls.map(row)}</>;
}

function OfferRow({ call, offer }: { call: string; offer: Offer }) {
  const ref = useGuarded<HTMLDivElement>();
  const text = plainText(offer.text);
  return (
    <div ref={ref} class="msg offer" role="group" aria-label={text} data-offer={call}>
      <Icon name={offer.agree.id === "send-rest" ? "keypad" : "video"} />
      <div><p class="msg-text"><bdi>{text}</bdi></p></div>
      <div class="offer-buttons">
        {[offer.decline, offer.agree].map((button) => (
          <Press
            key={button.id}
            class={`btn small ${button.id === offer.agree.id ? "ink" : "line"}`}
            what={button.id}
            detail={button.enabled ? null : button.detail}
            {...served(button)}
          />
        ))}
      </div>
    </div>
  );
}
