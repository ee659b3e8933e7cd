/** Home: the dial field beside (on a phone above) the recents. Shown when no call is in front. */
import { useGuarded, usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import type { HomePage } from "../presentation.ts";
import { strings } from "../strings.ts";
import { Blocking } from "./blocking.tsx";
import { DialField } from "./dial.tsx";
import { Front } from "./front.tsx";
import { Messages } from "./messages.tsx";
import { RecentsList } from "./recents.tsx";
import { RingOn } from "./ring-on.tsx";
import { Rules } from "./rules.tsx";
import { Shortcuts } from "./shortcuts.tsx";

const PAGES: HomePage[] = ["recents", "blocking"];

function Tabs() {
  const { client, screen } = usePage();
  return (
    <nav class="home-tabs" aria-label={strings.homePages}>
      {PAGES.map((page) => {
        const on = screen.ui.home === page;
        return (
          <button
            key={page}
            type="button"
            class="chip"
            aria-current={on ? "page" : undefined}
            data-page={page}
            onClick={() => client.showHome(page)}
          >
            {on && <Icon name="check" size="xs" />}
            {page === "recents" ? strings.recents : strings.blocking}
          </button>
        );
      })}
    </nav>
  );
}

export function Home({ covered }: { covered: boolean }) {
  const ref = useGuarded<HTMLElement>();
  const { screen } = usePage();
  return (
    <main
      ref={ref}
      class={`home ${screen.view?.calls.length ? "with-pill" : ""}`}
      tabIndex={-1}
      inert={covered}
      aria-label={strings.recents}
      data-surface="D"
    >
      <div class="home-side">
        <p class="brand">{strings.product}</p>
        <DialField />
        <Rules />
        <Front />
        <RingOn />
        <Shortcuts />
      </div>
      <div class="home-main">
        <Messages />
        <Tabs />
        {screen.ui.home === "recents" ? <RecentsList /> : <Blocking />}
      </div>
    </main>
  );
}
