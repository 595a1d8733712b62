// The options of one command line, read by the names and kinds that their command gives.
import { parseArgs } from "node:util";
import type { Option } from "./command";
import { UsageError } from "./exit-code";

/** The values that were given. */
export class Flags {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** Whether a switch is on. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** @throws UsageError for what is no whole number */
  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} takes a whole number.`);
    return Number(text);
  }

  /** @throws UsageError for what is none of `choices` */
  choice<const Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    const text = this.text(name);
    const found = choices.find((choice) => choice === text);
    if (text === undefined || found !== undefined) return found;
    throw new UsageError(`--${name} is one of ${choices.join(", ")}.`);
  }
}

/** A command line in its parts. @throws UsageError for unknown options */
export function parseFlags(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
): { flags: Flags; rest: string[] } {
  const config = Object.entries(options).map(([name, { value }]) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [name, { type, ...(name === "help" && { short: "h" }) }] as const;
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(config),
      allowPositionals: true,
    });
    return { flags: new Flags(values), rest: positionals };
  } catch (error) {
    // Node's own messages name the option and what is wrong with it.
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}
