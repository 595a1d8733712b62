// The command `serentak process`.
import type { OperationInfo, Processed } from "../../client";
import type { Command, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { formatValue } from "../format";
import { ENCODING_OPTION, linesOf, parseJson, readInput } from "../item-source";
import { parseOperation } from "../operation-argument";
import type { Terminal } from "../terminal";

/** `serentak process OPERATION`: runs an operation of /process-data over a list of items. */
export const processCommand: Command = {
  name: "process",
  usage: "OPERATION [ITEM…]",
  summary: "run an operation over items, or over the lines of standard input",
  about:
    "OPERATION is a name, names joined by commas, or JSON with parameters. Prints an output a line; an item that cannot be taken leaves an empty one. With --json: the whole reply.",
  options: {
    list: { help: "list the operations there are" },
    encoding: ENCODING_OPTION,
    parse: { help: "read each item as JSON: numbers, objects, lists" },
  },
  examples: [
    "serentak process uppercase hello world",
    "sort names.txt | serentak process trim,lowercase,unique",
    "serentak process --parse statistics 1 2 3.5",
    `serentak process '{"name":"truncate","length":8}' "a long sentence"`,
  ],
  run,
};

async function run({ args, flags, client, terminal, signal }: Run): Promise<ExitCode> {
  if (flags.has("list")) {
    const operations = await client.operations({ signal });
    terminal.printJson(operations);
    for (const line of listOperations(operations, terminal)) terminal.print(line);
    return EXIT.done;
  }
  const [operation, ...given] = args;
  if (operation === undefined)
    throw new UsageError("process needs an operation; --list shows them.");
  const texts = given.length > 0 ? given : linesOf(await readInput(flags.text("encoding")));
  if (texts.length === 0) throw new UsageError("There are no items.");
  const items = flags.has("parse")
    ? texts.map((text, index) => parseJson(text, `Item ${index + 1}`))
    : texts;
  const processed = await client.processData(items, parseOperation(operation), { signal });
  terminal.printJson(processed);
  return report(processed, terminal);
}

function report({ processed_items, value, errors }: Processed, terminal: Terminal): ExitCode {
  const failed = new Set(errors.map(({ index }) => index));
  const outputs = processed_items ?? [value];
  outputs.forEach((output, index) => {
    terminal.print(output === null && failed.has(index) ? "" : formatValue(output));
  });
  for (const { index, detail } of errors) terminal.note(`Item ${index + 1}: ${detail}`);
  return errors.length === 0 ? EXIT.done : EXIT.failed;
}

const KINDS: Record<OperationInfo["kind"], string> = {
  item: "One in, one out:",
  list: "List in, list out:",
  summary: "List in, one value out:",
};

function* listOperations(
  operations: readonly OperationInfo[],
  { paint }: Terminal,
): Generator<string> {
  const width = Math.max(...operations.map(({ name }) => name.length));
  for (const [kind, title] of Object.entries(KINDS)) {
    yield paint("bold", title);
    for (const { name, summary } of operations.filter((entry) => entry.kind === kind)) {
      yield `  ${paint("cyan", name.padEnd(width))}  ${summary}`;
    }
    yield "";
  }
}
