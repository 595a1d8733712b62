// The command `serentak batch`.
import { onlyArgument } from "../arguments";
import { followToEnd, INPUT_OPTION, OUT_OPTION } from "../follow-batch";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { ENCODING_OPTION, ITEM_FORMATS, readItems } from "../item-source";
import { parseOperation } from "../operation-argument";

/** `serentak batch FILE`: starts a batch of a file's items and follows it to its end. */
export const batchCommand: Command = {
  name: "batch",
  usage: "FILE --operation OPERATION",
  summary: "run a file of items in the background and follow it to its end",
  about:
    "FILE is text (an item a line), .csv, .tsv, .ndjson or .json (a list); - is standard input. The batch runs in the Worker: Ctrl-C stops watching it, not the batch. With --json: the batch as it ended.",
  options: {
    operation: {
      value: "OPERATION",
      help: "as for process; or users, tasks or external-api, where an item is one call",
    },
    format: {
      value: "FORMAT",
      help: `${ITEM_FORMATS.join(", ")}; by default as the file's name says`,
    },
    encoding: ENCODING_OPTION,
    delimiter: { value: "CHAR", help: "of CSV: , ; | or tab (default: detected)" },
    header: { value: "present|absent", help: "if the first line of CSV names the columns" },
    template: {
      value: "JSON",
      help: 'for external-api: the call of each row, such as {"url": "https://x.example/{id}"}',
    },
    then: { value: "OPERATION", help: "a summary of the outputs, such as count or statistics" },
    label: { value: "TEXT", help: "a name of yours for the batch" },
    rate: { value: "RATE", help: "starts at most, such as 10/s or 60/min" },
    out: OUT_OPTION,
    input: INPUT_OPTION,
    concurrency: {
      value: "N",
      help: "items in flight at once, 1 to 48 (default 6)",
    },
    "max-attempts": {
      value: "N",
      help: "for an item that fails for a reason that may pass (default 3; 1 for calls with POST or PATCH)",
    },
    "stop-after-failures": { value: "N", help: "cancel the batch once so many items have failed" },
    notify: { value: "CHANNELS", help: "channels that are told of the end, joined by commas" },
    "no-wait": { help: "start it, print its id, and leave" },
  },
  examples: [
    "serentak batch names.txt --operation slugify --out slugs.csv",
    "serentak batch people.csv --operation users --stop-after-failures 10",
    "serentak batch urls.ndjson --operation external-api --out pages.ndjson",
    'serentak batch a.csv --operation external-api --template "$(cat call.json)"',
  ],
  run,
};

async function run(context: Run): Promise<ExitCode> {
  const { args, flags, client, terminal, signal } = context;
  const operation = flags.text("operation");
  const path = onlyArgument(args, "batch", "file");
  if (operation === undefined) throw new UsageError("batch needs --operation.");
  const source = await readItems(path, {
    format: flags.choice("format", ITEM_FORMATS),
    encoding: flags.text("encoding"),
  });
  const file = "file" in source ? { ...source, ...dialectOf(context) } : source;
  const batch = { ...file, operation: parseOperation(operation), ...optionsOf(context) };
  const start = () => client.batch(batch, { signal });
  if (!flags.has("no-wait")) return followToEnd(start, context);
  const handle = await start();
  terminal.printJson({ id: handle.id });
  terminal.print(handle.id);
  return EXIT.done;
}

function dialectOf({ flags }: Run) {
  const [delimiter, template] = [flags.text("delimiter"), flags.text("template")];
  const header = flags.choice("header", ["present", "absent"]);
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== undefined && { header }),
    ...(template !== undefined && { template }),
  };
}

function optionsOf({ flags }: Run) {
  const [rate, label, then] = [flags.text("rate"), flags.text("label"), flags.text("then")];
  const [concurrency, max_attempts, stop_after_failures] = [
    flags.whole("concurrency"),
    flags.whole("max-attempts"),
    flags.whole("stop-after-failures"),
  ];
  return {
    ...(label !== undefined && { label }),
    ...(then !== undefined && { then: parseOperation(then) }),
    options: {
      ...(rate !== undefined && { rate }),
      ...(concurrency !== undefined && { concurrency }),
      ...(max_attempts !== undefined && { max_attempts }),
      ...(stop_after_failures !== undefined && { stop_after_failures }),
    },
    notify: flags.text("notify")?.split(",") ?? [],
  };
}
