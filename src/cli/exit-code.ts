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
  /** Ctrl-C: 128 and the number of the signal. */
  interrupted: 130,
} as const;

/** One of the numbers in EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command line that cannot be carried out. The message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
