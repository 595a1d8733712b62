// The commands that look at a batch or steer it, by its id.
import { onlyArgument } from "../arguments";
import { cancelToEnd } from "../cancel-to-end";
import type { Batch, BatchHandle, CallOptions, RetryChoice } from "../../client";
import type { Command, Option, Run } from "../command";
import { EXIT, UsageError } from "../exit-code";
import type { Flags } from "../flags";
import { formatNumber } from "../format";
import { progressText, summaryLines } from "../progress";

interface Steering {
  readonly name: string;
  readonly summary: string;
  readonly about?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** Does it, and says in a line what came of it. */
  readonly act: (
    batch: BatchHandle,
    flags: Flags,
    options: CallOptions,
  ) => Promise<{ readonly batch: Batch | null; readonly line: string }>;
}

const EXAMPLE_ID = "5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11";

function steering({ name, summary, about = "", options = {}, act }: Steering): Command {
  return {
    name,
    usage: "ID",
    summary,
    about: `${about}${about && " "}With --json: the batch.`,
    options,
    examples: [`serentak ${name} ${EXAMPLE_ID}`],
    run: async ({ args, flags, client, terminal, signal }: Run) => {
      const id = onlyArgument(args, name, "id of a batch");
      const { batch, line } = await act(client.batchById(id), flags, { signal });
      terminal.printJson(batch);
      terminal.print(line);
      return EXIT.done;
    },
  };
}

function described(batch: Batch) {
  const line = `${batch.status}  ${progressText(batch)}`;
  return { batch, line: [line, ...summaryLines(batch)].join("\n") };
}

/** The commands `status`, `pause`, `resume`, `retry`, `cancel` and `delete`. */
export const steerCommands: readonly Command[] = [
  steering({
    name: "status",
    summary: "tell how far a batch is",
    act: async (handle, _, options) => described(await handle.status(options)),
  }),
  steering({
    name: "pause",
    summary: "start no further items of a batch",
    act: async (handle, _, options) => described(await handle.pause(options)),
  }),
  steering({
    name: "resume",
    summary: "go on with a batch that is paused",
    act: async (handle, _, options) => described(await handle.resume(options)),
  }),
  steering({
    name: "cancel",
    summary: "stop a batch for good; finished items keep their results",
    act: async (handle, _, options) => {
      const batch = await cancelToEnd(handle, options);
      const finished = formatNumber(batch.total - batch.pending, "finished item");
      return { batch, line: `Cancelled with ${finished}.` };
    },
  }),
  steering({
    name: "retry",
    summary: "run items of a batch again that failed or never ran",
    options: {
      only: { value: "failed|unfinished", help: "those that failed, or that never ran" },
      codes: { value: "CODES", help: "those that failed so, joined by commas" },
      ids: { value: "IDS", help: "those with these ids, joined by commas" },
    },
    act: async (handle, flags, options) => {
      const choice = {
        only: flags.choice("only", ["failed", "unfinished"]),
        codes: flags.list("codes"),
        ids: flags.list("ids"),
      };
      // The Worker knows the codes, and names them where one is wrong.
      const given = JSON.parse(JSON.stringify(choice)) as RetryChoice;
      return described(await handle.retry(given, options));
    },
  }),
  steering({
    name: "delete",
    summary: "delete a batch with its results",
    about: "A batch that runs is cancelled first.",
    options: { yes: { help: "really: results are gone for good" } },
    act: async (handle, flags, options) => {
      if (!flags.has("yes")) throw new UsageError("delete needs --yes: results are gone for good.");
      await handle.remove(options);
      return { batch: null, line: `Deleted ${handle.id}.` };
    },
  }),
];
