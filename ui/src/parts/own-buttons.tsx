/** The buttons an app brings along for its calls: "Open door". Outlined, with the app's name. */
import type { Button, Party } from "../contract.ts";
import { plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { Press, served } from "./press.tsx";

const PREFIX = "app-";
/** Pictures with a drawing; a button with another one has its word only. */
const DRAWN = ["door", "gate", "light", "camera", "note", "transfer", "record"];

/** Whether a button is one of the app's own, which stand apart from the fixed grid. */
export function isOwn(button: Button): boolean {
  return button.id.startsWith(PREFIX);
}

/** One row of them; nothing where there are none. */
export function OwnButtons({ buttons, app }: { buttons: Button[]; app: Party["app"] }) {
  if (buttons.length === 0) return null;
  const name = plainText(app.name);
  return (
    <div class="own" role="group" aria-label={strings.buttonsOf(name)}>
      {buttons.map((button) => (
        <Press
          key={button.id}
          class="btn line own-button"
          what={button.id}
          icon={DRAWN.find((one) => one === button.icon)}
          detail={button.detail ?? name}
          {...served(button)}
          stacked
        />
      ))}
    </div>
  );
}
