// Items from files and standard input.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Option } from "./command";
import { decodeText } from "./decode-text";
import { UsageError } from "./exit-code";
import { cannotRead } from "./file-fault";

/** Formats that `--format` takes. */
export const ITEM_FORMATS = ["text", "csv", "tsv", "ndjson", "json"] as const;
/** One of ITEM_FORMATS. */
export type ItemFormat = (typeof ITEM_FORMATS)[number];

/** The option of commands that read text. */
export const ENCODING_OPTION: Option = {
  value: "NAME",
  help: "of the file, such as windows-1252 (default: its byte order mark, else utf-8)",
};

/** Items that were parsed here, or a file's text that is sent unparsed for the Worker to parse. */
export type ItemSource =
  | { readonly items: readonly unknown[] }
  | { readonly file: string; readonly format: "csv" | "ndjson"; readonly delimiter?: "tab" };

const FORMATS: Readonly<Record<string, ItemFormat>> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".tab": "tsv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".json": "json",
};

/** The reading of a file: its format and encoding; an undefined one is told by the file itself. */
interface Reading {
  readonly format: ItemFormat | undefined;
  readonly encoding: string | undefined;
}

/**
 * Reads the items of a file; `-` is standard input.
 *
 * @throws UsageError
 */
export async function readItems(path: string, { format, encoding }: Reading): Promise<ItemSource> {
  const content = await readWhole(path, encoding);
  const chosen = format ?? FORMATS[extname(path).toLowerCase()] ?? "text";
  if (chosen === "text") return { items: linesOf(content) };
  if (chosen === "json") return { items: parseList(content, path) };
  if (chosen === "tsv") return { file: content, format: "csv", delimiter: "tab" };
  return { file: content, format: chosen };
}

/**
 * All of standard input.
 *
 * @throws UsageError if it is a terminal, which would wait for somebody to type
 */
export async function readInput(encoding: string | undefined): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError("Nothing is piped to standard input.");
  return decodeText(await buffer(process.stdin), encoding, "Standard input");
}

/** The text of a file; `-` is standard input. @throws UsageError */
export function readWhole(path: string, encoding?: string): Promise<string> {
  return path === "-" ? readInput(encoding) : readText(path, encoding);
}

async function readText(path: string, encoding: string | undefined): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
  return decodeText(bytes, encoding, path);
}

/** The lines of a text, without line ends. A line end after the last line does not add an empty one. */
export function linesOf(content: string): string[] {
  const lines = content.split(/\r?\n/);
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
