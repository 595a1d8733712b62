// The one door for JSON from outside, whatever it comes in: its structure and its numbers are judged by
// its bytes, before anything is made of them.
import type { Fault } from "../domain/errors";
import { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "../domain/platform";
import { jsonPointer } from "../lib/json-pointer";
import { pathsTo } from "../lib/json-places";
import { scanJson } from "../lib/json-scan";

const LIMITS = { maxDepth: MAX_JSON_DEPTH, maxWeight: MAX_JSON_WEIGHT };

const EXCESSES = {
  depth: `nested deeper than ${MAX_JSON_DEPTH} levels`,
  weight: "more values than fit into memory",
};

/** What can be said of JSON before it is parsed. */
export interface JsonInspection {
  /** What there is too much of, as the end of a sentence; null where it may be parsed. */
  readonly excess: string | null;
  /** Numbers that would be changed. */
  readonly faults: readonly Fault[];
}

/** Looks through JSON in UTF-8. What is no JSON is the parser's to refuse. */
export function inspectJson(bytes: Uint8Array): JsonInspection {
  const { excess, inexact } = scanJson(bytes, LIMITS);
  if (excess !== null) return { excess: EXCESSES[excess], faults: [] };
  if (inexact.length === 0) return { excess, faults: [] };
  const detail = "A number that a double cannot hold: send it as a string";
  const faults = pathsTo(bytes, inexact).map((path) => ({ pointer: jsonPointer(path), detail }));
  return { excess, faults };
}
