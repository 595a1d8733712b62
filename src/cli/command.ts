// The definition of a command: one value from which its parsing, its help and its run are derived.
import type { Client } from "../client";
import type { ExitCode } from "./exit-code";
import type { Flags } from "./flags";
import type { Terminal } from "./terminal";

/** An option of the command line. */
export interface Option {
  /** Placeholder for the value in the help; an option without one is a switch. */
  readonly value?: string;
  readonly help: string;
}

/** Arguments and surroundings of one run of a command. */
export interface Run {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly client: Client;
  readonly terminal: Terminal;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A subcommand of `serentak`. */
export interface Command {
  readonly name: string;
  /** Arguments as the help shows them after the name, such as `FILE`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Some lines for its own help. */
  readonly about: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly examples: readonly string[];
  run(this: void, run: Run): Promise<ExitCode>;
}
