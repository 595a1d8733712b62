// The command `serentak results`.
import { onlyArgument } from "../arguments";
import type { Command, Run } from "../command";
import { EXIT, type ExitCode } from "../exit-code";
import { openOutput } from "../output-file";
import { INPUT_OPTION, OUT_OPTION, withInput } from "../follow-batch";
import { fileContent } from "../file-content";

const KINDS = ["succeeded", "failed", "pending"] as const;

/** `serentak results ID`: writes what is finished so far, without waiting for the rest. */
export const resultsCommand: Command = {
  name: "results",
  usage: "ID",
  summary: "write the results that a batch has so far",
  about: "Prints NDJSON, a result a line, unless --out names a file.",
  options: {
    out: OUT_OPTION,
    input: INPUT_OPTION,
    only: { value: "STATUS", help: KINDS.join(", ") },
  },
  examples: ["serentak results 5e0c3c1e-2f6b-4b8e-9a57-0f6f4d1f9c11 --only failed"],
  run,
};

async function run({ args, flags, client, signal }: Run): Promise<ExitCode> {
  const id = onlyArgument(args, "results", "id of a batch");
  const only = flags.choice("only", KINDS);
  const path = flags.text("out") ?? "-";
  const file = await openOutput(path);
  try {
    const batch = client.batchById(id);
    await file.write(
      fileContent(path, (format) => batch.download(format, { only, ...withInput(flags, signal) })),
    );
  } finally {
    await file.close();
  }
  return EXIT.done;
}
