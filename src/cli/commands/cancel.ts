// The command `serentak cancel`.
import { cancelToEnd } from "../cancel-to-end";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { formatNumber } from "../format";

/** `serentak cancel ID`: cancels a batch and waits until nothing of it runs any more. */
export const cancelCommand: Command = {
  name: "cancel",
  usage: "ID",
  summary: "stop a batch for good; finished items keep their results",
  about: "With --json: the batch.",
  options: {},
  examples: ["serentak cancel 5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11"],
  run,
};

async function run({ args, client, terminal, signal }: Run): Promise<ExitCode> {
  const [id, ...others] = args;
  if (id === undefined || others.length > 0)
    throw new UsageError("cancel needs one id of a batch.");
  const batch = await cancelToEnd(client.batchById(id), { signal });
  terminal.printJson(batch);
  terminal.print(`Cancelled with ${formatNumber(batch.total - batch.pending, "finished item")}.`);
  return EXIT.done;
}
