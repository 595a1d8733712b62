// The form of POST /external-api.
import type { TargetedClipboardEvent, TargetedInputEvent, VNode } from "preact";
import { leaderOf, type RetrieveOptions, type UrlDraft } from "../call-draft";
import { Field } from "../parts/field";
import { Options } from "../parts/options";
import { faultsAt, faultsWithin, type Problem } from "../problem";
import { useFocus } from "../use-focus";

let lastKey = 0;

/** Creates a row. */
export function createUrl(url: string): UrlDraft {
  lastKey += 1;
  return { key: lastKey, url, after: null };
}

/** The options of an untouched form. */
export const DEFAULT_OPTIONS: RetrieveOptions = {
  policy: "settled",
  timeoutMs: "",
  retries: "",
  select: "",
};

const MAX_CALLS = 20;

/** A form with a row per URL, and options for all of them. */
export function RetrieveForm({
  urls,
  asked,
  options,
  problem,
  isBusy,
  onUrls,
  onOptions,
  onSubmit,
}: {
  urls: readonly UrlDraft[];
  /** The rows that were sent, in order, to which the problem's indexes refer. */
  asked: readonly UrlDraft[];
  options: RetrieveOptions;
  problem: Problem | null;
  isBusy: boolean;
  onUrls: (urls: UrlDraft[]) => void;
  onOptions: (options: RetrieveOptions) => void;
  onSubmit: () => void;
}): VNode {
  const submit = (event: Event): void => {
    event.preventDefault();
    onSubmit();
  };
  const [rows, focus] = useFocus<HTMLFieldSetElement>();
  const focusRow = (place: number): void => focus(`.with-button:nth-of-type(${place}) input`);
  const change = (index: number, [first = "", ...others]: readonly string[]): void => {
    const row = { key: 0, after: null, ...urls[index], url: first };
    onUrls(urls.toSpliced(index, 1, row, ...others.map(createUrl)).slice(0, MAX_CALLS));
  };
  const wait = (index: number, leader: number | null): void => {
    const row = urls[index];
    const after = leader === null ? null : (urls[leader]?.key ?? null);
    if (row !== undefined) onUrls(urls.toSpliced(index, 1, { ...row, after }));
  };
  const remove = (index: number): void => {
    onUrls(urls.toSpliced(index, 1));
    // Focuses the row that moves into the removed one's place, or the last row.
    focusRow(Math.min(index + 1, urls.length - 1));
  };
  return (
    <form onSubmit={submit} noValidate>
      <fieldset ref={rows}>
        <legend>URLs</legend>
        {urls.map(({ key, url }, index) => (
          <UrlRow
            key={key}
            place={index + 1}
            url={url}
            faults={faultsOf(key, asked, problem)}
            after={leaderOf(urls[index] ?? createUrl(""), urls)}
            count={urls.length}
            onChange={(lines) => change(index, lines)}
            onAfter={(leader) => wait(index, leader)}
            onRemove={urls.length > 1 ? () => remove(index) : null}
          />
        ))}
        <button
          type="button"
          class="quiet small"
          disabled={urls.length >= MAX_CALLS}
          onClick={() => {
            onUrls([...urls, createUrl("")]);
            focusRow(urls.length + 1);
          }}
        >
          Add a URL
        </button>
      </fieldset>
      <OptionFields options={options} problem={problem} onOptions={onOptions} />
      <div class="actions">
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Asking…" : "Ask them all"}
        </button>
      </div>
    </form>
  );
}

/** Pointers of the faults that are told at the form's fields. */
export const RETRIEVE_FIELDS =
  /^#\/(?:urls\/\d+|requests\/\d+\/(?:url|after|query|timeout_ms|retries|select)(?:\/.*)?)$/;

/** Fields of a call that its row makes. */
const OF_ROW = ["url", "after", "query"];

/** Faults of one row. Blank rows are not sent, so indexes in the problem differ from those on the page. */
function faultsOf(key: number, asked: readonly UrlDraft[], problem: Problem | null): string[] {
  const index = asked.findIndex((row) => row.key === key);
  const within = OF_ROW.flatMap((field) => faultsWithin(problem, `#/requests/${index}/${field}`));
  return [...faultsAt(problem, `#/urls/${index}`), ...within];
}

function UrlRow({
  place,
  url,
  faults,
  after,
  count,
  onChange,
  onAfter,
  onRemove,
}: {
  place: number;
  url: string;
  faults: readonly string[];
  /** The place from 0 of the row that it waits for. */
  after: number | null;
  /** Rows of the form. */
  count: number;
  onChange: (lines: string[]) => void;
  onAfter: (leader: number | null) => void;
  onRemove: (() => void) | null;
}): VNode {
  /** A paste of several lines becomes several rows. */
  const paste = (event: TargetedClipboardEvent<HTMLInputElement>): void => {
    const lines = (event.clipboardData?.getData("text") ?? "").split(/\s+/).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    onChange(lines);
  };
  return (
    <div class="with-button">
      <Field label={`URL ${place}`} isLabelHidden faults={faults}>
        <input
          type="url"
          class="code"
          value={url}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => onChange([event.currentTarget.value])}
          onPaste={paste}
        />
      </Field>
      {count > 1 && <AfterField place={place} after={after} count={count} onAfter={onAfter} />}
      {onRemove !== null && (
        <button
          type="button"
          class="quiet icon"
          aria-label={`Remove URL ${place}`}
          onClick={onRemove}
        >
          ×
        </button>
      )}
    </div>
  );
}

/** A choice of the call that a row waits for. `{{ … }}` in its query is then computed from that call's result. */
function AfterField({
  place,
  after,
  count,
  onAfter,
}: {
  place: number;
  after: number | null;
  count: number;
  onAfter: (leader: number | null) => void;
}): VNode {
  const leaders = Array.from({ length: count }, (_, index) => index);
  return (
    <div class="after">
      <Field label={`Start of URL ${place}`} isLabelHidden>
        <select
          value={after === null ? "" : String(after)}
          onChange={({ currentTarget: { value } }) => onAfter(value === "" ? null : Number(value))}
        >
          <option value="">at once</option>
          {leaders
            .filter((index) => index !== place - 1)
            .map((index) => (
              <option key={index} value={String(index)}>
                after {index + 1}
              </option>
            ))}
        </select>
      </Field>
    </div>
  );
}

/** Every call gets the same options, so a fault of the first call's options is shown once, for all. */
const COMMON = /^#\/requests\/0\/(?:timeout_ms|retries|select)$/;

function OptionFields({
  options,
  problem,
  onOptions,
}: {
  options: RetrieveOptions;
  problem: Problem | null;
  onOptions: (options: RetrieveOptions) => void;
}): VNode {
  const text = (name: "timeoutMs" | "retries" | "select", pointer: string) => ({
    value: options[name],
    faults: faultsAt(problem, `#/requests/0/${pointer}`),
    onInput: (event: TargetedInputEvent<HTMLInputElement>): void =>
      onOptions({ ...options, [name]: event.currentTarget.value }),
  });
  const { faults: timeoutFaults, ...timeout } = text("timeoutMs", "timeout_ms");
  const { faults: retryFaults, ...retries } = text("retries", "retries");
  const { faults: selectFaults, ...select } = text("select", "select");
  return (
    <Options problem={problem} pointers={COMMON}>
      <Field label="Policy" hint="any cancels the other calls as soon as one answer is ok.">
        <select
          value={options.policy}
          onChange={({ currentTarget: { value } }) => {
            if (value === "settled" || value === "all" || value === "any")
              onOptions({ ...options, policy: value });
          }}
        >
          <option value="settled">settled: every call to its end</option>
          <option value="all">all: every call must be ok</option>
          <option value="any">any: the first ok answer wins</option>
        </select>
      </Field>
      <div class="row">
        <Field label="Timeout in ms" faults={timeoutFaults}>
          <input type="number" min="1" max="60000" placeholder="10000" {...timeout} />
        </Field>
        <Field label="Retries" faults={retryFaults}>
          <input type="number" min="0" max="5" placeholder="2" {...retries} />
        </Field>
      </div>
      <Field label="Select" hint="JMESPath, applied to JSON bodies." faults={selectFaults}>
        <input class="code" placeholder="operations[].name" {...select} />
      </Field>
    </Options>
  );
}
