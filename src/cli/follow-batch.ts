// Follows a batch until it is over, then writes its results and lists its failures.
import type { Batch, BatchHandle } from "../client";
import type { Option, Run } from "./command";
import { EXIT, UsageError, type ExitCode } from "./exit-code";
import type { Flags } from "./flags";
import { formatDuration, formatNumber } from "./format";
import { percentOf, progressBar, progressText, summaryLines } from "./progress";
import { openOutput, type OutputFile } from "./output-file";
import { fileContent } from "./file-content";
import type { Terminal } from "./terminal";

/** The option of every command that can write a batch's results to a file. */
export const OUT_OPTION: Option = {
  value: "FILE",
  help: "write the results there: .csv, .json, or else NDJSON; - is standard output",
};
/** The option of every command that can write results beside what they were made of. */
export const INPUT_OPTION: Option = { help: "write each result beside its input's columns" };
const MAX_FAILURES_SHOWN = 5;
/** Without a terminal (in a log), a line is printed each time this many per cent more are done. */
const STEP_PERCENT = 10;

/**
 * Follows a new or running batch to its end. At Ctrl-C it prints how to return to the batch later.
 *
 * @throws UsageError before anything is started, if the file for results cannot be written
 */
export async function followToEnd(start: () => Promise<BatchHandle>, run: Run): Promise<ExitCode> {
  const { flags, terminal, signal } = run;
  const path = flags.text("out");
  const file = path === undefined ? null : await openOutput(path);
  if (terminal.isJson && file?.isStandardOutput)
    throw new UsageError(`--json and --out ${file.path} both want standard output.`);
  let handle: BatchHandle | undefined;
  try {
    handle = await start();
    const batch = await watch(handle, terminal, signal);
    return await finish(batch, handle, file, run);
  } catch (error) {
    if (signal.aborted && handle !== undefined) tellWayBack(handle.id, run);
    throw error;
  } finally {
    terminal.status("");
    await file?.close();
  }
}

/** The query of results, with their inputs where that was asked for. */
export function withInput(flags: Flags, signal: AbortSignal) {
  return { signal, ...(flags.has("input") && { input: "true" as const }) };
}

/** Prints commands that can be pasted as they are. */
function tellWayBack(id: string, { flags, terminal }: Run): void {
  const where = (name: string) => {
    const value = flags.text(name);
    return value === undefined ? "" : ` --${name} ${quoted(value)}`;
  };
  terminal.note(`\nThe batch goes on. Look at it again:`);
  terminal.note(`  serentak follow ${id}${where("url")}${where("out")}`);
  terminal.note(`or stop it:\n  serentak cancel ${id}${where("url")}`);
}

/** A word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

async function watch(handle: BatchHandle, terminal: Terminal, signal: AbortSignal): Promise<Batch> {
  let last: Batch | undefined;
  let told = -1;
  const onConnection = (isConnected: boolean) =>
    tell(terminal, isConnected ? "Connected again." : "Connection lost, trying again …");
  for await (const batch of handle.progress({ signal, onConnection })) {
    if (last === undefined)
      tell(terminal, `Batch ${batch.id}: ${formatNumber(batch.total, "item")}`);
    last = batch;
    terminal.status(progressBar(batch, terminal.columns));
    const step = Math.floor(percentOf(batch) / STEP_PERCENT);
    if (!terminal.isWatched && step > told) tell(terminal, progressText(batch));
    told = Math.max(told, step);
  }
  return last ?? handle.status({ signal });
}

/** Prints a line for people; nothing with `--json`, where the output is read by a script. */
function tell(terminal: Terminal, line: string): void {
  if (!terminal.isJson) terminal.note(line);
}

async function finish(
  batch: Batch,
  handle: BatchHandle,
  file: OutputFile | null,
  { flags, terminal, signal }: Run,
): Promise<ExitCode> {
  terminal.status("reading the results …");
  await file?.write(
    fileContent(file.path, (format) => handle.download(format, withInput(flags, signal))),
  );
  terminal.status("");
  await tellFailures(batch, handle, terminal, signal);
  terminal.printJson(batch);
  // Standard output then holds the results alone.
  if (file?.isStandardOutput) terminal.note(summarize(batch, terminal));
  else terminal.print(summarize(batch, terminal));
  if (file !== null && !file.isStandardOutput) tell(terminal, `Results: ${file.path}`);
  return batch.failed === 0 && batch.status === "completed" ? EXIT.done : EXIT.failed;
}

async function tellFailures(
  { failed }: Batch,
  handle: BatchHandle,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  if (failed === 0) return;
  let shown = 0;
  for await (const result of handle.results({ only: "failed", signal })) {
    if (result.status !== "failed") continue;
    tell(terminal, `Item ${result.index + 1}: ${result.error.detail}`);
    shown += 1;
    if (shown === MAX_FAILURES_SHOWN) break;
  }
  if (failed > shown) tell(terminal, `… and ${formatNumber(failed - shown, "more failure")}`);
}

function summarize(batch: Batch, { paint }: Terminal): string {
  const { status, succeeded, failed, pending, started_at, finished_at } = batch;
  const took =
    started_at === null || finished_at === null
      ? ""
      : ` in ${formatDuration(Date.parse(finished_at) - Date.parse(started_at))}`;
  const isGood = failed === 0 && status === "completed";
  const parts = [
    formatNumber(succeeded, "item") + " succeeded",
    ...(failed > 0 ? [`${formatNumber(failed, "item")} failed`] : []),
    ...(pending > 0 ? [`${formatNumber(pending, "item")} not done`] : []),
  ];
  const ended = `${paint(isGood ? "green" : "red", status)}${took}: ${parts.join(", ")}`;
  return [ended, ...summaryLines(batch)].join("\n");
}
