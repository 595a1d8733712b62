// The command line: finds the command, runs it, and turns whatever goes wrong into a sentence and an
// exit code.
import { version } from "../../package.json";
import { createClient, SerentakError } from "../client";
import { batchCommand } from "./commands/batch";
import { channelsCommand } from "./commands/channels";
import { fetchCommand } from "./commands/fetch";
import { followCommand } from "./commands/follow";
import { processCommand } from "./commands/process";
import { listCommand, notificationsCommand, tasksCommand, usersCommand } from "./commands/records";
import { resultsCommand } from "./commands/results";
import { steerCommands } from "./commands/steer";
import { EXIT, SIGNAL_EXITS, UsageError, type ExitCode } from "./exit-code";
import { cannotWrite } from "./file-fault";
import { type Flags, nearestName, parseFlags } from "./flags";
import { COMMON_OPTIONS, commandHelp, mainHelp } from "./help";
import { openTerminal, type Terminal } from "./terminal";

const COMMANDS = [
  fetchCommand,
  processCommand,
  batchCommand,
  followCommand,
  resultsCommand,
  listCommand,
  ...steerCommands,
  usersCommand,
  tasksCommand,
  channelsCommand,
  notificationsCommand,
];
const DEFAULT_URL = "http://localhost:8787";

process.stdout.once("error", endWithoutOutput);
// Without a terminal there is nobody to tell.
process.stderr.once("error", () => undefined);
process.exitCode = await main(process.argv.slice(2));

/** `serentak … | head` closes standard output when it has enough: that is no failure. A full disk is. */
function endWithoutOutput(error: Error & { readonly code?: string }): void {
  if (error.code === "EPIPE") process.exit(EXIT.done);
  process.stderr.write(`serentak: ${cannotWrite("standard output", error).message}\n`);
  process.exit(EXIT.usage);
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const terminal = openTerminal(args.includes("--json"));
  const interrupt = new AbortController();
  let exit: ExitCode = EXIT.interrupted;
  for (const [name, code] of Object.entries(SIGNAL_EXITS)) {
    // Once: a second Ctrl-C ends the process as it always does.
    process.once(name, () => {
      exit = code;
      interrupt.abort();
    });
  }
  try {
    return await dispatch(args, terminal, interrupt.signal);
  } catch (error) {
    terminal.status("");
    return interrupt.signal.aborted ? exit : explain(error, args[0], terminal);
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
  const near = nearestName(
    name,
    COMMANDS.map((command) => command.name),
  );
  throw new UsageError(`There is no command "${name}".${near && ` Did you mean ${near}?`}`);
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
