// The command line: finds the command, runs it, and turns whatever goes wrong into a sentence and an
// exit code.
import { version } from "../../package.json";
import { createClient, SerentakError } from "../client";
import { batchCommand } from "./commands/batch";
import { cancelCommand } from "./commands/cancel";
import { fetchCommand } from "./commands/fetch";
import { followCommand } from "./commands/follow";
import { processCommand } from "./commands/process";
import { EXIT, UsageError, type ExitCode } from "./exit-code";
import { type Flags, parseFlags } from "./flags";
import { COMMON_OPTIONS, commandHelp, mainHelp } from "./help";
import { openTerminal, type Terminal } from "./terminal";

const COMMANDS = [fetchCommand, processCommand, batchCommand, followCommand, cancelCommand];
const DEFAULT_URL = "http://localhost:8787";

// `serentak … | head` closes standard output when it has enough: that is no failure.
process.stdout.once("error", () => process.exit(EXIT.done));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<ExitCode> {
  const terminal = openTerminal(args.includes("--json"));
  const interrupt = new AbortController();
  // Once: a second Ctrl-C ends the process as it always does.
  process.once("SIGINT", () => interrupt.abort());
  try {
    return await dispatch(args, terminal, interrupt.signal);
  } catch (error) {
    terminal.status("");
    if (interrupt.signal.aborted) return EXIT.interrupted;
    return explain(error, args[0], terminal);
  }
}

async function dispatch(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [name = "--help", ...others] = args;
  const command = findCommand(name);
  if (command === undefined) return answerWithout(name, terminal);
  const { flags, rest } = parseFlags(others, { ...command.options, ...COMMON_OPTIONS });
  if (flags.has("help")) return show(commandHelp(command, terminal));
  if (flags.has("version")) return show(version);
  return command.run({ args: rest, flags, client: clientOf(flags), terminal, signal });
}

function findCommand(name: string | undefined) {
  return COMMANDS.find((candidate) => candidate.name === name);
}

/** Answers `--help` and `--version`, which need no command. */
function answerWithout(name: string, terminal: Terminal): ExitCode {
  if (name === "--help" || name === "-h" || name === "help")
    return show(mainHelp(COMMANDS, terminal));
  if (name === "--version") return show(version);
  throw new UsageError(`There is no command "${name}".`);
}

function show(text: string): ExitCode {
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

function clientOf(flags: Flags) {
  const { SERENTAK_URL, SERENTAK_TOKEN } = process.env;
  const baseUrl = flags.text("url") ?? (SERENTAK_URL || DEFAULT_URL);
  const token = flags.text("token") ?? SERENTAK_TOKEN;
  if (!/^https?:\/\/./.test(baseUrl)) throw new UsageError(`Not a URL: ${baseUrl}`);
  return createClient({ baseUrl, ...(token && { token }) });
}

function explain(error: unknown, name: string | undefined, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    const help = findCommand(name) === undefined ? "--help" : `${name} --help`;
    terminal.note(`serentak: ${error.message}\nserentak ${help} shows how it goes.`);
    return EXIT.usage;
  }
  if (error instanceof SerentakError) {
    terminal.printJson(error.problem);
    terminal.note(`serentak: refused: ${error.message}`);
    return EXIT.refused;
  }
  // `fetch` throws a TypeError when a connection fails; anything else is a file's fault, or a bug.
  if (error instanceof TypeError) {
    terminal.note(`serentak: the Worker was not reached: ${causeOf(error)}`);
    return EXIT.unreachable;
  }
  terminal.note(`serentak: ${String(error)}`);
  return EXIT.usage;
}

/** `fetch` reports only "fetch failed"; the reason is in `cause`. */
function causeOf({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
