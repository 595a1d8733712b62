// Parses operations given as an argument: a name, names joined by commas, or JSON.
import type { Operation } from "../client";
import { UsageError } from "./exit-code";

/**
 * Parses `uppercase`, `trim,lowercase,unique`, or `{"name":"truncate","length":20}`.
 *
 * @throws UsageError
 */
export function parseOperation(text: string): Operation {
  if (!/^[[{]/.test(text)) return text.includes(",") ? text.split(",") : text;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`The operation is not JSON: ${text}`);
  }
}
