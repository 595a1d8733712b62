// Exit codes of the command line. Scripts rely on these numbers: never change one.

/** Exit codes by their meaning. */
export const EXIT = {
  done: 0,
  /** The Worker did as asked, but a call or an item failed, or the batch was cancelled. */
  failed: 1,
  /** The command line, a file or standard input cannot be used. */
  usage: 2,
  /** The Worker refused the request. */
  refused: 3,
  /** The Worker was not reached. */
  unreachable: 4,
  /** The terminal was closed: 128 and the number of the signal, as the two below. */
  hungUp: 129,
  /** Ctrl-C. */
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the numbers in EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit codes of the signals after which a command still tidies up. */
export const SIGNAL_EXITS = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
} as const satisfies Partial<Record<NodeJS.Signals, ExitCode>>;

/** A command line that cannot be carried out. The message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
