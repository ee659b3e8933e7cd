/** Who a call is with: picture, name and app. Text of apps is plain text here, never markup. */
import { useState } from "preact/hooks";

import type { Party } from "../contract.ts";
import { isNumber, plainText } from "../format.ts";
import { strings } from "../strings.ts";
import { usePage } from "./context.ts";
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
      <AppPicture app={app} />
      <span class={bare ? "sr" : "app-text"}>
        <bdi>{name}</bdi>
        {account && <small><bdi>{account}</bdi></small>}
      </span>
    </span>
  );
}

/**
 * The icon that the app gave, else the first letter of its name. The icon is a mask: its shape is
 * the app's, its color is ours, so that it can be seen in every theme.
 */
export function AppPicture({ app, size = "" }: { app: Party["app"]; size?: "" | "s" }) {
  const { screen } = usePage();
  const icon = screen.view?.icons?.[app.id];
  const [broken, setBroken] = useState<string | null>(null);
  const shown = icon && icon !== broken ? icon : null;
  const letter = [...plainText(app.name)][0]?.toUpperCase();
  return (
    <span class={`app a${hueOf(app.id)} ${size}`} aria-hidden="true" data-icon={shown ?? undefined}>
      {shown ? (
        <>
          <i class="app-icon" style={{ maskImage: `url("${shown}")` }} />
          <img src={shown} alt="" hidden onError={() => setBroken(shown)} />
        </>
      ) : (
        letter
      )}
    </span>
  );
}

/** The same, small, and only where the app gave an icon: its name stands there in any case. */
export function AppIcon({ app }: { app: Party["app"] }) {
  const { screen } = usePage();
  return screen.view?.icons?.[app.id] ? <AppPicture app={app} size="s" /> : null;
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
