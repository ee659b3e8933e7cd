/** Small pieces shared by the surfaces of a call: its state line, its notes, its grid button. */
import type { Button, CallState, CallView } from "../contract.ts";
import { plainText } from "../format.ts";
import { usePage } from "./context.ts";
import type { Phase } from "./icon.tsx";
import { CallLine, Icon } from "./icon.tsx";
import { Press, served } from "./press.tsx";
import { Timer } from "./timer.tsx";

const PHASES: Record<CallState, Phase> = {
  dialing: "dialing",
  connecting: "dialing",
  active: "active",
  held: "held",
  ending: "ended",
};

const TONES: Record<CallState, string> = {
  dialing: "",
  connecting: "",
  active: "live",
  held: "held",
  ending: "",
};

/** Call line, state word and timer. The word of an active call may be left to the timer. */
export function StateLine({ call, still = false }: { call: CallView; still?: boolean }) {
  return (
    <p class={`state ${TONES[call.state]}`}>
      <CallLine phase={PHASES[call.state]} />
      <span class="state-word">{plainText(call.state_text)}</span>
      {call.timer_ms !== null && <Timer from={call.timer_ms} still={still} />}
    </p>
  );
}

/** A sentence with an icon. */
export function Note({ tone, icon, text, id }: NoteProps) {
  return (
    <p class={`note ${tone}`} id={id}>
      <Icon name={icon} size="s" />
      <bdi>{plainText(text)}</bdi>
    </p>
  );
}

export type NoteProps = {
  tone: "" | "warn" | "warn strong";
  icon: string;
  text: string;
  id?: string;
};

const ICONS: Record<string, string> = {
  keypad: "keypad",
  audio: "headset",
  swap: "swap",
  "add-call": "add",
  merge: "merge",
  "open-app": "open",
  video: "video",
  translate: "translate",
};

/** The icon of a grid button; those that can be on change it with their state. */
export function buttonIcon(button: Button): string {
  if (button.id === "mute") return button.on ? "mic-off" : "mic";
  if (button.id === "hold") return button.on ? "resume" : "hold";
  if (button.id === "video" && button.on) return "video-off";
  return ICONS[button.id] ?? "right";
}

/** The word under which a button is busy. */
export function busyWord(button: Button): string {
  if (button.id === "mute") return button.on ? "unmute" : "mute";
  if (button.id === "hold") return button.on ? "resume" : "hold";
  return button.id === "open-app" ? "open" : button.id;
}

/** One button of the grid; those without a request open something of the page. */
export function Tile({ button, expanded, onPress }: TileProps) {
  const { screen } = usePage();
  const twoDevices = screen.view?.audio.endpoints.length === 2;
  const popup = button.id === "audio" && !twoDevices ? "dialog" : undefined;
  return (
    <Press
      class={`tile ${button.on || expanded ? "on" : ""}`}
      what={busyWord(button)}
      icon={buttonIcon(button)}
      detail={button.detail}
      {...served(button)}
      popup={popup}
      expanded={button.request === null && button.enabled ? expanded : undefined}
      onPress={button.request === null ? onPress : undefined}
    />
  );
}

export type TileProps = {
  button: Button;
  expanded?: boolean | undefined;
  onPress?: (() => void) | undefined;
};
