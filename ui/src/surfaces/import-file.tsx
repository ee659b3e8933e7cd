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
        <Options
          name={name}
          setName={setName}
          region={region}
          setRegion={setRegion}
          check={() => void send(file, null, names, false)}
          names={names}
          setNames={again}
        />
      )}
      <Told stage={stage} />
      {report?.wide && <Tick label={strings.importWide} on={wide} set={setWide} />}
      {file && report && (
        <LoadIt name={name} can={can} press={() => void send(file, name, names, wide)} />
      )}
    </section>
  );
}

function LoadIt({ name, can, press }: { name: string; can: boolean; press: () => void }) {
  const { client } = usePage();
  return (
    <button
      type="button"
      class="btn ink"
      aria-disabled={can ? undefined : "true"}
      onClick={() => (can ? press() : client.say(strings.importNothing))}
    >
      {strings.importLoad(name)}
    </button>
  );
}

type OptionsProps = {
  name: string;
  setName: (name: string) => void;
  region: string;
  setRegion: (region: string) => void;
  /** Reads the file again. */
  check: () => void;
  names: boolean;
  setNames: (on: boolean) => void;
};

function Options(props: OptionsProps) {
  return (
    <div class="import-options">
      <label class="field">
        {strings.importName}
        <input
          id="import-name"
          value={props.name}
          maxLength={100}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => props.setName(event.currentTarget.value.replaceAll(/[^\w-]/g, ""))}
        />
      </label>
      <label class="field short">
        {strings.importRegion}
        <input
          id="import-region"
          value={props.region}
          maxLength={2}
          autocomplete="off"
          placeholder={strings.importNoRegion}
          onInput={(event) => props.setRegion(event.currentTarget.value.toUpperCase())}
          onChange={props.check}
        />
      </label>
      <Tick label={strings.importNames} on={props.names} set={props.setNames} />
    </div>
  );
}

function Tick({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => set(event.currentTarget.checked)}
      />
      {label}
    </label>
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
