// The arguments of a command that are no options.
import { UsageError } from "./exit-code";

/**
 * The one argument of a command.
 *
 * @throws UsageError where there is none, or more than one
 */
export function onlyArgument(args: readonly string[], command: string, noun: string): string {
  const [argument, ...others] = args;
  if (argument !== undefined && others.length === 0) return argument;
  throw new UsageError(`${command} needs one ${noun}.`);
}
