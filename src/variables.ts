// Readers of single variables: their texts, counts, tables and secrets, and what the log says of one that
// cannot be read.
import * as v from "valibot";

/** A variable that cannot be read, with the reason. For the log: values are not in it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A variable as trimmed text, or the fallback where it is missing or blank. @throws ConfigError for a table */
export function readText(value: unknown, name: string, fallback: string): string {
  if (value === undefined) return fallback;
  // An unquoted TOML number or boolean is as good as its text.
  if (typeof value === "string") return value.trim() === "" ? fallback : value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ConfigError(`${name} is not a text`);
}

/** Reads a whole number from 1 to `max`. @throws ConfigError for anything else */
export function readCount(text: string, name: string, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new ConfigError(`${name} is not a whole number from 1 to ${max}`);
}

/** Words separated by spaces or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** The choice that the word names. @throws ConfigError where it is none of them */
export function oneOf<const T extends string>(
  choices: readonly T[],
  word: string,
  name: string,
): T {
  const choice = choices.find((candidate) => candidate === word);
  if (choice !== undefined) return choice;
  throw notOneOf(choices, word, name);
}

/** An error that lists what the variable may hold. */
export function notOneOf(choices: readonly string[], word: string, name: string): ConfigError {
  return new ConfigError(`${name} may hold ${choices.join(", ")}; not "${word}"`);
}

/** A table of the TOML file, or the same as a JSON string, which `--var` and the dashboard give. */
export function readTable<
  Settings extends v.GenericSchema<unknown, Readonly<Record<string, unknown>>>,
>(schema: Settings, value: unknown): v.InferOutput<Settings> {
  // Most deployments have none, and need not make the schema.
  const isUnset = value === undefined || value === "";
  return isUnset ? {} : v.parse(schema, typeof value === "string" ? JSON.parse(value) : value);
}

/** Reads a secret; empty if it is not set. One that is set but blank is refused: it would open what it should close. */
export function readSecret(value: unknown, name: string): string {
  const secret = readText(value, name, "");
  if (value === undefined || value === "" || secret !== "") return secret;
  throw new ConfigError(`${name} is set but blank`);
}

/** Reads an http or https URL. @throws ConfigError for anything else */
export function readHttpUrl(text: string, name: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new ConfigError(`${name}: not an http(s) URL`);
}

/** Runs a parser and puts the variable's name before what it says. */
export function naming<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError(`${name}: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  if (error instanceof v.ValiError) {
    return error.issues.map(describeIssue).join("; ");
  }
  // A SyntaxError of JSON.parse quotes the text, which may hold a secret.
  if (error instanceof SyntaxError) return "not JSON";
  return error instanceof Error ? error.message : "cannot be read";
}

/** valibot quotes what it got, which may be a secret in the wrong place. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? "value"}: ${issue.message.replace(/ but received .*$/s, "")}`;
}
