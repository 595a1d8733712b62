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

/**
 * True if an inspection would find nothing in the JSON that this is the value of, unless it is too heavy. False also
 * for some that are fine. Takes a tenth of the time, as most JSON is texts and small numbers.
 */
export function isSound(value: unknown, levels = MAX_JSON_DEPTH): boolean {
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return areSound(value, levels - 1);
  // No list of the members is made.
  for (const name in value) if (!isSound(Reflect.get(value, name), levels - 1)) return false;
  return true;
}

function areSound(list: readonly unknown[], levels: number): boolean {
  for (let at = 0; at < list.length; at += 1) {
    const element = list[at];
    // Without a call for each of many texts.
    if (typeof element !== "string" && !isSound(element, levels)) return false;
  }
  return true;
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
