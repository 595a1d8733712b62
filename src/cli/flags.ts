// Parses the options of a command line by the definitions of its command.
import { parseArgs } from "node:util";
import { editDistance } from "../lib/edit-distance";
import type { Option } from "./command";
import { UsageError } from "./exit-code";

/** The values of the options that were given. */
export class Flags {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** True if the switch was given. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The texts given for an option, separated by commas, or undefined. */
  list(name: string): string[] | undefined {
    return this.text(name)?.split(",");
  }

  /**
   * The whole number given for an option, or undefined.
   *
   * @throws UsageError for any other text
   */
  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} takes a whole number.`);
    return Number(text);
  }

  /**
   * The choice given for an option, or undefined.
   *
   * @throws UsageError for a text that is none of `choices`
   */
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

/**
 * Parses a command line.
 *
 * @throws UsageError for unknown options and missing values
 */
export function parseFlags(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
): { flags: Flags; rest: string[] } {
  const config = Object.entries(options).map(([name, { value }]) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [name, { type, ...(name === "help" && { short: "h" }) }] as const;
  });
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(config),
    allowPositionals: true,
    // `parseArgs` reports errors in its own words when strict; here each fault gets a sentence of ours
    // below.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === "option") check(token, options);
  return { flags: new Flags(values), rest: positionals };
}

/** An option as it was typed: `rawName` with its dashes. */
interface TypedOption {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function check(
  { name, rawName, value, inlineValue }: TypedOption,
  options: Readonly<Record<string, Option>>,
): void {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) throw new UsageError(unknownOption(name, rawName, options));
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
    return;
  }
  if (value === undefined) throw new UsageError(`${rawName} needs a value: ${option.value}.`);
  // A value that begins with a dash is more likely the next option, so it must be written with `=`.
  if (inlineValue !== true && /^-./.test(value))
    throw new UsageError(
      `${rawName} needs a value; one that begins with a dash is written ${rawName}=${value}.`,
    );
}

/** Edits by which an unknown name may differ from one that is suggested in its place. */
const MAX_EDITS = 2;

/** The known name that was probably meant, or an empty text. */
export function nearestName(name: string, known: readonly string[]): string {
  return known.find((candidate) => editDistance(name, candidate) <= MAX_EDITS) ?? "";
}

function unknownOption(
  name: string,
  rawName: string,
  options: Readonly<Record<string, Option>>,
): string {
  if (!rawName.startsWith("--"))
    return `There is no option ${rawName}. What begins with a dash and is no option goes after --.`;
  const near = nearestName(name, Object.keys(options));
  return `There is no option ${rawName}.${near && ` Did you mean --${near}?`}`;
}
