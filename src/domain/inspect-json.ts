// Inspects all JSON from outside, whatever carries it: limits of structure and exactness of numbers are
// checked on its bytes, before it is parsed.
import type { Fault } from "./errors";
import { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "./platform";
import { jsonPointer } from "../lib/json-pointer";
import { pathsTo } from "../lib/json-places";
import { scanJson } from "../lib/json-scan";

const LIMITS = { maxDepth: MAX_JSON_DEPTH, maxWeight: MAX_JSON_WEIGHT };

const EXCESSES = {
  depth: `nested deeper than ${MAX_JSON_DEPTH} levels`,
  weight: "more values than fit into memory",
};

/** Findings about JSON before it is parsed. */
export interface JsonInspection {
  /** The limit that is exceeded, as the end of a sentence; null if the JSON may be parsed. */
  readonly excess: string | null;
  /** Faults of numbers that parsing would change. */
  readonly faults: readonly Fault[];
}

/** Inspects JSON in UTF-8. Does not check the syntax, which the parser does. */
export function inspectJson(bytes: Uint8Array): JsonInspection {
  const { excess, inexact } = scanJson(bytes, LIMITS);
  if (excess !== null) return { excess: EXCESSES[excess], faults: [] };
  if (inexact.length === 0) return { excess, faults: [] };
  const detail = "A number that a double cannot hold: send it as a string";
  const faults = pathsTo(bytes, inexact).map((path) => ({ pointer: jsonPointer(path), detail }));
  return { excess, faults };
}
