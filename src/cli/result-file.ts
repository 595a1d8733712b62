// Writes a batch's results to a file while they are read page by page.
import { type FileHandle, open, rm } from "node:fs/promises";
import { extname } from "node:path";
import type { ItemResult } from "../client";
import { csvLine } from "../lib/csv-line";
import { cannotWrite } from "./file-fault";

type Results = AsyncIterable<ItemResult>;

/** A file that can be written to. */
export interface ResultFile {
  readonly path: string;
  /** Replaces the file's content by these results. */
  write(results: Results): Promise<void>;
  /** Closes the file, and removes it if it was created here and nothing was written. */
  close(): Promise<void>;
}

/** Opens the file at once, so that a path that cannot be written is known before work is started. */
export async function openResultFile(path: string): Promise<ResultFile> {
  const { file, isNew } = await openOrCreate(path);
  let isWritten = false;
  return {
    path,
    write: async (results) => {
      await file.truncate();
      await file.writeFile(textOf(path, results));
      isWritten = true;
    },
    close: async () => {
      const isLeftOver = isNew && !isWritten && (await file.stat()).size === 0;
      await file.close();
      if (isLeftOver) await rm(path, { force: true });
    },
  };
}

async function openOrCreate(path: string): Promise<{ file: FileHandle; isNew: boolean }> {
  try {
    // `ax` fails if the file exists: only then is it opened as it is, and never removed afterwards.
    const created = await open(path, "ax").catch(() => null);
    return { file: created ?? (await open(path, "a")), isNew: created !== null };
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** The results as text in the format that the path's extension names: CSV, JSON, else NDJSON. */
function textOf(path: string, results: Results): AsyncGenerator<string> {
  const extension = extname(path).toLowerCase();
  if (extension === ".csv") return toCsv(results);
  return extension === ".json" ? toJson(results) : toNdjson(results);
}

async function* toNdjson(results: Results): AsyncGenerator<string> {
  for await (const result of results) yield `${JSON.stringify(result)}\n`;
}

async function* toCsv(results: Results): AsyncGenerator<string> {
  yield csvLine(["index", "status", "output", "error", "attempts"]);
  for await (const { index, status, output, error, attempts } of results) {
    yield csvLine([index, status, output, error, attempts]);
  }
}

async function* toJson(results: Results): AsyncGenerator<string> {
  let before = "[\n";
  for await (const result of results) {
    yield before + JSON.stringify(result);
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
