// The commands that list what the Worker keeps, and show one of it.
import type { Client } from "../../client";
import type { Command, Option, Run } from "../command";
import { EXIT, UsageError, type ExitCode } from "../exit-code";
import { fileContent, type Download } from "../file-content";
import { OUT_OPTION } from "../follow-batch";
import { formatValue } from "../format";
import { openOutput } from "../output-file";

type Query = Readonly<Record<string, string>>;

interface Listing<Item> {
  readonly name: string;
  /** Items of the list, where the name does not say. */
  readonly of?: string;
  readonly summary: string;
  /** Query parameters of the list, which are options of the command. */
  readonly filters: Readonly<Record<string, Option>>;
  /** Members that a line shows, in their order. */
  readonly columns: readonly (keyof Item & string)[];
  readonly example: string;
  readonly list: (client: Client, query: Query, run: Run) => AsyncGenerator<Item, void>;
  readonly get: (client: Client, id: string, run: Run) => Promise<object>;
  /** Left out where the Worker writes no file of it. */
  readonly download?: (client: Client, query: Query, run: Run) => Download;
}

/** Lines that a list prints unless `--limit` says more. */
const USUAL_LINES = 20;

/** A command that lists, with an id shows one, and with `--out` writes all to a file. */
export function listing<Item extends object>(definition: Listing<Item>): Command {
  const { name, summary, filters, example, download } = definition;
  return {
    name,
    usage: "[ID]",
    summary,
    about: `Newest first. With an id: all that is known of it.${download === undefined ? "" : " With --out: all that match, whole, as a file."} With --json: the same as JSON.`,
    options: {
      ...filters,
      limit: { value: "N", help: `lines at most (default ${USUAL_LINES})` },
      ...(download !== undefined && { out: OUT_OPTION }),
    },
    examples: [example],
    run: (run) => answer(definition, run),
  };
}

async function answer<Item extends object>(definition: Listing<Item>, run: Run): Promise<ExitCode> {
  const { name, filters, list, get, download } = definition;
  const { args, flags, client, terminal } = run;
  const [id, ...others] = args;
  if (others.length > 0) throw new UsageError(`${name} takes one id, or none.`);
  if (id !== undefined) {
    const found = await get(client, id, run);
    terminal.printJson(found);
    terminal.print(JSON.stringify(found, null, 2));
    return EXIT.done;
  }
  const query = Object.fromEntries(
    Object.keys(filters).flatMap((filter) => {
      const value = flags.text(filter);
      return value === undefined ? [] : [[filter.replaceAll("-", "_"), value] as const];
    }),
  );
  const path = flags.text("out");
  if (path !== undefined && download !== undefined)
    return writeAll(path, download(client, query, run));
  return printSome(definition, list(client, query, run), run);
}

async function writeAll(path: string, download: Download): Promise<ExitCode> {
  const file = await openOutput(path);
  try {
    await file.write(fileContent(path, download));
  } finally {
    await file.close();
  }
  return EXIT.done;
}

async function printSome<Item extends object>(
  { columns, name, of = name }: Listing<Item>,
  items: AsyncGenerator<Item, void>,
  { flags, terminal }: Run,
): Promise<ExitCode> {
  const limit = flags.whole("limit") ?? USUAL_LINES;
  const shown: Item[] = [];
  let isMore = false;
  for await (const item of items) {
    isMore = shown.length === limit;
    if (isMore) break;
    shown.push(item);
    terminal.print(columns.map((column) => formatValue(item[column] ?? "–")).join("  "));
  }
  terminal.printJson(shown);
  if (shown.length === 0 && !terminal.isJson) terminal.note(`No ${of}.`);
  if (isMore && !terminal.isJson) terminal.note(`… and more: --limit shows them.`);
  return EXIT.done;
}
