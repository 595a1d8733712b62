// The texts of `--help`, generated from the commands' own descriptions.
import type { Command, Option } from "./command";
import type { Terminal } from "./terminal";

/** Options of every command. */
export const COMMON_OPTIONS = {
  url: { value: "URL", help: "the Worker (default SERENTAK_URL, or http://localhost:8787)" },
  token: { value: "TOKEN", help: "a bearer token (default SERENTAK_TOKEN)" },
  json: { help: "print one JSON document, for scripts" },
  help: { help: "this" },
  version: { help: "print the version" },
} as const satisfies Record<string, Option>;

const EXIT_CODES = [
  ["0", "all went well"],
  ["1", "a call or an item failed, or the batch was cancelled"],
  ["2", "the command line or a file cannot be used"],
  ["3", "the Worker refused the request"],
  ["4", "the Worker was not reached"],
  ["130", "Ctrl-C; 129 and 143 for a closed terminal and SIGTERM"],
] as const;

type Paint = Pick<Terminal, "paint">;

/** The text that `serentak --help` prints. */
export function mainHelp(commands: readonly Command[], { paint }: Paint): string {
  const list = table(commands.map(({ name, usage, summary }) => [`${name} ${usage}`, summary]));
  return `${paint("bold", "serentak")}: many things at once, done by a Worker.

${paint("bold", "Commands")}
${list}

${paint("bold", "Options of every command")}
${optionTable(COMMON_OPTIONS)}

${paint("bold", "Exit codes")}
${table(EXIT_CODES)}

serentak COMMAND --help tells more, with examples.`;
}

/** The text that `serentak COMMAND --help` prints. */
export function commandHelp(command: Command, { paint }: Paint): string {
  const { name, usage, about, options, examples } = command;
  return `${paint("bold", `serentak ${name} ${usage}`)}

${wrap(about, COLUMNS).join("\n")}

${paint("bold", "Options")}
${optionTable({ ...options, ...COMMON_OPTIONS })}

${paint("bold", "Examples")}
${indent(examples.join("\n"))}`;
}

function optionTable(options: Readonly<Record<string, Option>>): string {
  const rows = Object.entries(options).map(([name, { value, help }]) => {
    return [value === undefined ? `--${name}` : `--${name} ${value}`, help] as const;
  });
  return table(rows);
}

/** Columns of the usual terminal, and so of the help. */
const COLUMNS = 80;
/** Columns of a left-hand side; a longer one has its line for itself. */
const MAX_LEFT = 24;

function table(rows: readonly (readonly [string, string])[]): string {
  const lefts = rows.map(([left]) => left.length).filter((length) => length <= MAX_LEFT);
  const width = Math.max(...lefts, 0);
  const gap = " ".repeat(width + 2);
  const lines = rows.map(([left, right]) => {
    const text = wrap(right, COLUMNS - gap.length - INDENT.length).join(`\n${gap}`);
    return left.length > width ? `${left}\n${gap}${text}` : `${left.padEnd(width)}  ${text}`;
  });
  return indent(lines.join("\n"));
}

/** The words of a text in lines of at most `columns`, where words allow it. */
function wrap(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

const INDENT = "  ";

function indent(text: string): string {
  return text.replaceAll(/^/gm, INDENT);
}
