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

const EXIT_CODES = `0    all went well
1    a call or an item failed, or the batch was cancelled
2    the command line or a file cannot be used
3    the Worker refused the request
4    the Worker was not reached
130  Ctrl-C`;

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
${indent(EXIT_CODES)}

serentak COMMAND --help tells more, with examples.`;
}

/** The text that `serentak COMMAND --help` prints. */
export function commandHelp(command: Command, { paint }: Paint): string {
  const { name, usage, about, options, examples } = command;
  return `${paint("bold", `serentak ${name} ${usage}`)}

${about}

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

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return indent(rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join("\n"));
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
