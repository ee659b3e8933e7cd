/** The dial field: whom to call, and with which app. What it says stays here until it is sent. */
import { useState } from "preact/hooks";

import type { AccountView, AppView, RequestBody } from "../contract.ts";
import { plainText } from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { Press } from "../parts/press.tsx";
import { strings } from "../strings.ts";

export function DialField() {
  const { client, screen } = usePage();
  const [handle, setHandle] = useState("");
  const [chosen, setChosen] = useState("");
  const [wished, setAccount] = useState("");
  const apps = screen.view?.apps ?? [];
  const app = apps.find((one) => one.id === chosen) ?? apps.find((one) => one.ready) ?? apps[0];
  const accounts = app?.accounts ?? [];
  const account = accounts.find((one) => one.id === wished) ?? accounts[0];
  const number = handle.trim();
  const request = app && number ? dial(app, account, number) : null;
  const reason = app ? (number ? null : strings.dialEmpty) : strings.noApps;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (request === null) return client.say(reason ?? "");
    if (await client.send(request)) setHandle("");
  };
  return (
    <form class="dial" onSubmit={submit} aria-label={strings.dialTitle}>
      <h2>{strings.dialTitle}</h2>
      <label class="field">
        {strings.dialField}
        <input
          id="dial-handle"
          value={handle}
          onInput={(event) => setHandle(event.currentTarget.value)}
          type="text"
          inputMode="tel"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={256}
          dir="ltr"
          aria-describedby="dial-hint"
        />
      </label>
      <p class="sub hint" id="dial-hint">{strings.dialHint}</p>
      {apps.length > 1 && <AppChoice apps={apps} app={app} choose={setChosen} />}
      {apps.length === 1 && app && <p class="sub">{`${strings.dialApp} ${appText(app)}`}</p>}
      {account && <AccountChoice accounts={accounts} account={account} choose={setAccount} />}
      {apps.length === 0 && (
        <p class="note">
          <Icon name="info" size="s" />
          <span>{strings.noApps}</span>
        </p>
      )}
      <Press
        class="btn ink wide dial-call"
        what="call"
        icon="phone"
        label={strings.dial}
        detail={reason}
        stacked
        request={request}
        enabled={request !== null}
        reason={reason}
        onPress={request ? () => void submit(new Event("submit")) : undefined}
      />
    </form>
  );
}

/** The account is named exactly where the person sees one. */
function dial(app: AppView, account: AccountView | undefined, handle: string): RequestBody {
  const request = { request: "dial", app: app.id, handle } as const;
  return account ? { ...request, account: account.id } : request;
}

function AccountChoice({ accounts, account, choose }: AccountChoiceProps) {
  return (
    <label class="field">
      {strings.dialAccount}
      <select value={account.id} onChange={(event) => choose(event.currentTarget.value)}>
        {accounts.map((one) => (
          <option key={one.id} value={one.id}>
            {plainText(one.label)}
          </option>
        ))}
      </select>
    </label>
  );
}

type AccountChoiceProps = {
  accounts: AccountView[];
  account: AccountView;
  choose: (id: string) => void;
};

function AppChoice({ apps, app, choose }: AppChoiceProps) {
  return (
    <label class="field">
      {strings.dialApp}
      <select value={app?.id} onChange={(event) => choose(event.currentTarget.value)}>
        {apps.map((one) => (
          <option key={one.id} value={one.id}>
            {appText(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

type AppChoiceProps = { apps: AppView[]; app: AppView | undefined; choose: (id: string) => void };

function appText(app: AppView): string {
  const name = plainText(app.name);
  return app.ready ? name : strings.appNotReady(name);
}
