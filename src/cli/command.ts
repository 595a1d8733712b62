// What a command is: one value that its parsing, its help and its running are all derived from.
import type { Client } from "../client";
import type { ExitCode } from "./exit-code";
import type { Flags } from "./flags";
import type { Terminal } from "./terminal";

/** An option, as it is parsed and explained. */
export interface Option {
  /** The name of its value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** What a command is run with. */
export interface Run {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly client: Client;
  readonly terminal: Terminal;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One of the words after `serentak`. */
export interface Command {
  readonly name: string;
  /** What stands after the name. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Some lines for its own help. */
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  run(this: void, run: Run): Promise<ExitCode>;
}
