// Lists as files: what the Worker writes as it is, or a JSON list of it.
import { extname } from "node:path";
import type { FileFormat } from "../client";
import { readLines } from "../client/lines";

/** A list that the Worker writes as a file. */
export type Download = (format: FileFormat) => AsyncGenerator<Uint8Array, void>;

/** The list in the format that the path's extension names: CSV, JSON, else NDJSON. */
export function fileContent(
  path: string,
  download: Download,
): AsyncGenerator<string | Uint8Array, void> {
  const extension = extname(path).toLowerCase();
  if (extension === ".csv") return download("csv");
  return extension === ".json" ? toJsonList(download("ndjson")) : download("ndjson");
}

async function* toJsonList(bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<string, void> {
  let before = "[\n";
  for await (const line of readLines(bytes)) {
    yield before + line;
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
