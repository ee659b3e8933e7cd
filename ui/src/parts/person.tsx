/** Who a call is with: picture, name and app. Text of apps is plain text here, never markup. */
import type { Party } from "../contract.ts";
import { isNumber, plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";

/** Initials on a color that stays with the name; a figure when there are none. */
export function Avatar({ party, size }: { party: Party; size: "s" | "m" | "l" | "xl" }) {
  const initials = plainText(party.initials).trim();
  if (!initials) {
    return (
      <span class={`ava h0 z-${size}`} aria-hidden="true">
        <Icon name="person" />
      </span>
    );
  }
  return (
    <span class={`ava h${hueOf(party.title)} z-${size}`} aria-hidden="true">
      {initials}
    </span>
  );
}

/** A name or a number; the whole of it is in the document, only its drawing is cut. */
export function Name({
  party,
  as: Tag = "h2",
  id,
}: {
  party: Party;
  as?: "h1" | "h2";
  id?: string;
}) {
  const text = plainText(party.title);
  return (
    <Tag class="name" id={id} title={text} dir={isNumber(text) ? undefined : "auto"}>
      <Line text={text} />
    </Tag>
  );
}

/** Text that keeps its own direction; numbers run left to right. */
export function Line({ text }: { text: string }) {
  const plain = plainText(text);
  return isNumber(plain) ? (
    <bdi class="num" dir="ltr">
      {plain}
    </bdi>
  ) : (
    <bdi>{plain}</bdi>
  );
}

/** The app that brought the call. */
export function AppName({ app, bare = false }: { app: Party["app"]; bare?: boolean }) {
  const name = plainText(app.name);
  const account = plainText(app.account ?? "");
  return (
    <span class="src" title={appText(app)}>
      <span class={`app a${hueOf(app.id)}`} aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      <span class={bare ? "sr" : "app-text"}>
        <bdi>{name}</bdi>
        {account && <small><bdi>{account}</bdi></small>}
      </span>
    </span>
  );
}

/** The app and, where it has several, the account: "Acme, Work". */
export function appText(app: Party["app"]): string {
  const name = plainText(app.name);
  return app.account ? strings.appAndAccount(name, plainText(app.account)) : name;
}

/** One of four colors, always the same for the same text. */
export function hueOf(text: string): number {
  let sum = 7;
  for (const sign of text) sum = (sum * 33 + (sign.codePointAt(0) ?? 0)) % 65_521;
  return ((sum >> 3) % 4) + 1;
}
