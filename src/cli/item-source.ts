// Items from files and standard input.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { text } from "node:stream/consumers";
import { UsageError } from "./exit-code";
import { cannotRead } from "./file-fault";

/** Formats that `--format` takes. */
export const ITEM_FORMATS = ["text", "csv", "ndjson", "json"] as const;
/** One of ITEM_FORMATS. */
export type ItemFormat = (typeof ITEM_FORMATS)[number];

/** Items that were parsed here, or a file's text that is sent unparsed for the Worker to parse. */
export type ItemSource =
  | { readonly items: readonly unknown[] }
  | { readonly file: string; readonly format: "csv" | "ndjson" };

const FORMATS: Readonly<Record<string, ItemFormat>> = {
  ".csv": "csv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".json": "json",
};

/**
 * Reads the items of a file; `-` is standard input.
 *
 * @throws UsageError
 */
export async function readItems(path: string, format: ItemFormat | undefined): Promise<ItemSource> {
  const content = path === "-" ? await readInput() : await readText(path);
  const chosen = format ?? FORMATS[extname(path).toLowerCase()] ?? "text";
  if (chosen === "text") return { items: linesOf(content) };
  return chosen === "json"
    ? { items: parseList(content, path) }
    : { file: content, format: chosen };
}

/**
 * All of standard input.
 *
 * @throws UsageError if it is a terminal, which would wait for somebody to type
 */
export async function readInput(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("Nothing is piped to standard input.");
  return text(process.stdin);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw cannotRead(path, error);
  }
}

/** The lines of a text, without line ends. A line end after the last line does not add an empty one. */
export function linesOf(content: string): string[] {
  const lines = content.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function parseList(content: string, path: string): unknown[] {
  const value = parseJson(content, path);
  if (Array.isArray(value)) return value;
  throw new UsageError(`${path} is no JSON list.`);
}

/**
 * Parses JSON.
 *
 * @throws UsageError that names `origin`, the file or option the text is from
 */
export function parseJson(content: string, origin: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`${origin} is not JSON.`);
  }
}
