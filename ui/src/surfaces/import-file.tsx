/** A file of numbers: chosen, checked with a report, then loaded as a list of the user's own. */
import { useRef, useState } from "preact/hooks";

import type { Answer } from "../ask.ts";
import { sendFile } from "../ask.ts";
import type { ImportReport } from "../contract.ts";
import { plainText } from "../format.ts";
import { usePage } from "../parts/context.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../strings.ts";

type Stage =
  | { stage: "choose" }
  | { stage: "busy"; part: number; loads: boolean }
  | { stage: "told"; report: ImportReport }
  | { stage: "failed"; message: string };

export function ImportFile() {
  const { client } = usePage();
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [region, setRegion] = useState("");
  const [names, setNames] = useState(false);
  const [wide, setWide] = useState(false);
  const [stage, setStage] = useState<Stage>({ stage: "choose" });
  const turn = useRef(0);
  const send = async (chosen: File, list: string | null, onlyNames: boolean, meant: boolean) => {
    const mine = ++turn.current;
    const busy = (part: number) => {
      if (mine === turn.current) setStage({ stage: "busy", part, loads: list !== null });
    };
    busy(0);
    const wish = { file: chosen, list, region: region.trim(), names: onlyNames, wide: meant };
    const answer = await sendFile(wish, busy);
    if (mine === turn.current) setStage(told(answer, client.say.bind(client)));
  };
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setWide(false);
    if (!chosen) return setStage({ stage: "choose" });
    setName(wordOf(chosen.name));
    void send(chosen, null, names, false);
  };
  const again = (onlyNames: boolean) => {
    setNames(onlyNames);
    if (file) void send(file, null, onlyNames, false);
  };
  const report = stage.stage === "told" && !stage.report.loaded ? stage.report : null;
  const can = report !== null && name !== "" && report.blocks + report.names > 0;
  return (
    <section class="panel import" aria-label={strings.importTitle}>
      <h2>{strings.importTitle}</h2>
      <p class="sub">{strings.importHint}</p>
      <label class="field">
        {strings.importFile}
        <input
          id="import-file"
          type="file"
          onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      {file && (
        <div class="import-options">
          <label class="field">
            {strings.importName}
            <input
              id="import-name"
              value={name}
              maxLength={100}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => setName(event.currentTarget.value.replaceAll(/[^\w-]/g, ""))}
            />
          </label>
          <label class="field short">
            {strings.importRegion}
            <input
              id="import-region"
              value={region}
              maxLength={2}
              autocomplete="off"
              placeholder={strings.importNoRegion}
              onInput={(event) => setRegion(event.currentTarget.value.toUpperCase())}
              onChange={() => void send(file, null, names, false)}
            />
          </label>
          <label class="tick">
            <input
              type="checkbox"
              checked={names}
              onChange={(event) => again(event.currentTarget.checked)}
            />
            {strings.importNames}
          </label>
        </div>
      )}
      <Told stage={stage} />
      {report?.wide && (
        <label class="tick">
          <input
            type="checkbox"
            checked={wide}
            onChange={(event) => setWide(event.currentTarget.checked)}
          />
          {strings.importWide}
        </label>
      )}
      {file && report && (
        <button
          type="button"
          class="btn ink"
          aria-disabled={can ? undefined : "true"}
          onClick={() => {
            if (!can) return client.say(strings.importNothing);
            void send(file, name, names, wide);
          }}
        >
          {strings.importLoad(name)}
        </button>
      )}
    </section>
  );
}

function told(answer: Answer<ImportReport>, say: (text: string) => void): Stage {
  const text = answer.ok ? answer.value.headline : answer.message;
  say(text);
  if (!answer.ok) return { stage: "failed", message: text };
  return { stage: "told", report: answer.value };
}

/** A word for the list from the name of its file. */
function wordOf(file: string): string {
  const stem = file.replace(/\.[^.]*$/, "").replaceAll(/[^\w-]+/g, "-");
  return stem.replaceAll(/^-+|-+$/g, "").slice(0, 100) || "list";
}

function Told({ stage }: { stage: Stage }) {
  switch (stage.stage) {
    case "choose":
      return null;
    case "busy":
      return <Busy part={stage.part} loads={stage.loads} />;
    case "failed":
      return (
        <p class="verdict bad" role="status">
          <Icon name="warn" size="s" />
          <span>{plainText(stage.message)}</span>
        </p>
      );
    case "told":
      return <Report report={stage.report} />;
  }
}

function Busy({ part, loads }: { part: number; loads: boolean }) {
  const percent = Math.round(part * 100);
  const word = part < 1 ? strings.importReading(percent) : strings.importSorting;
  return (
    <div class="progress-row">
      <progress
        max={100}
        aria-label={loads ? strings.importLoading : strings.importChecking}
        {...(part < 1 ? { value: percent } : {})}
      />
      <span>{word}</span>
    </div>
  );
}

function Report({ report }: { report: ImportReport }) {
  return (
    <div class="report">
      <p class={`verdict ${report.loaded ? "good" : ""}`} role="status">
        <Icon name={report.loaded ? "check" : "info"} size="s" />
        <span>{plainText(report.headline)}</span>
      </p>
      <ul>
        {report.notes.map((note) => (
          <li key={note.text} class={`lint ${note.tone}`}>
            <Icon name={note.tone === "info" ? "info" : "warn"} size="s" />
            <span>{plainText(note.text)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
