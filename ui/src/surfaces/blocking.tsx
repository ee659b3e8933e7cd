/** Blocking and names (E1): the user's own blocks, the sources, a file, and what would happen. */
import { usePage } from "../parts/context.ts";
import { strings } from "../strings.ts";
import { WhatIf } from "./decision.tsx";
import { ImportFile } from "./import-file.tsx";
import { CallerRules, OwnBlocks } from "./own-blocks.tsx";
import { Sources } from "./sources.tsx";

export function Blocking() {
  const { screen } = usePage();
  if (!screen.view) return null;
  return (
    <section class="blocking" aria-label={strings.blocking} data-surface="E1">
      <h1>{strings.blocking}</h1>
      <p class="sub">{strings.blockingHint}</p>
      <Sources sources={screen.view.sources} rules={screen.view.rules} />
      <OwnBlocks rules={screen.view.rules} />
      <CallerRules rules={screen.view.rules} />
      <ImportFile />
      <WhatIf />
    </section>
  );
}
