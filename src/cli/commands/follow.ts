// The command `serentak follow`.
import { onlyArgument } from "../arguments";
import type { Command, Run } from "../command";
import type { ExitCode } from "../exit-code";
import { followToEnd, INPUT_OPTION, OUT_OPTION } from "../follow-batch";

/** `serentak follow ID`: follows a batch that was started earlier or on another machine. */
export const followCommand: Command = {
  name: "follow",
  usage: "ID",
  summary: "watch a batch that runs, or get the results of one that is done",
  about: "Ctrl-C stops watching, not the batch. With --json: the batch as it ended.",
  options: { out: OUT_OPTION, input: INPUT_OPTION },
  examples: ["serentak follow 5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11 --out results.csv"],
  run,
};

function run(context: Run): Promise<ExitCode> {
  const id = onlyArgument(context.args, "follow", "id of a batch");
  return followToEnd(() => Promise.resolve(context.client.batchById(id)), context);
}
