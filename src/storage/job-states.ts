// Encodes the states of a chunk's items: as a JSON array, or as `{attempts, outputs}` if all succeeded after
// equally many attempts, which is common and halves the bytes. A state that is large gets a row of its own, so that it
// is not written again with each save of its chunk; in the array it is `{"status": "kept", …}`.
import type { ItemState } from "../domain/jobs/job";
import { readExactJson } from "../lib/exact-json";
import { isJsonLonger } from "../lib/is-json-longer";
import { isWithinBytes } from "../lib/is-within-bytes";

interface AllSucceeded {
  readonly attempts: number;
  readonly outputs: readonly unknown[];
}

/** States as text, and those that did not fit into it. */
export interface WrittenStates {
  readonly json: string;
  /** The states as the text has them. */
  readonly states: ItemState[];
  /** Large states as JSON, by their place in the chunk. */
  readonly large: readonly (readonly [offset: number, json: string])[];
}

/** Characters of a state that gets a row of its own in any case. */
const LARGE_CHARACTERS = 8000;

/** Parses the text of `writeStates`. Not validated, since nothing else writes it. */
export function parseStates(json: string): ItemState[] {
  const written = readExactJson(json) as ItemState[] | AllSucceeded;
  if (Array.isArray(written)) return written;
  const { attempts, outputs } = written;
  return outputs.map((output) => ({ status: "succeeded", attempts, output }));
}

/**
 * Writes states.
 *
 * @param maxBytes of the text in UTF-8
 */
export function writeStates(states: readonly ItemState[], maxBytes: number): WrittenStates {
  const enough = LARGE_CHARACTERS * Math.max(1, states.length);
  // One that is certainly too long is not written in vain.
  const json = isJsonLonger(states, enough) ? null : writeAll(states);
  if (json !== null && json.length <= enough && isWithinBytes(json, maxBytes))
    return { json, states: [...states], large: [] };
  const texts = states.map((state) => JSON.stringify(state));
  for (let limit = LARGE_CHARACTERS; ; limit = Math.floor(limit / 4)) {
    const isLarge = ({ status }: ItemState, offset: number) =>
      (status === "succeeded" || status === "failed") && (texts[offset]?.length ?? 0) > limit;
    const kept = states.map((state, offset) => (isLarge(state, offset) ? keptOf(state) : state));
    const written = JSON.stringify(kept);
    if (limit > 0 && !isWithinBytes(written, maxBytes)) continue;
    const large = states.flatMap((state, offset) =>
      isLarge(state, offset) ? [[offset, texts[offset] ?? ""] as const] : [],
    );
    return { json: written, states: kept, large };
  }
}

function keptOf(state: ItemState): ItemState {
  const { attempts } = state;
  if (state.status === "succeeded") return { status: "kept", attempts, code: null };
  return state.status === "failed" ? { status: "kept", attempts, code: state.error.code } : state;
}

function writeAll(states: readonly ItemState[]): string {
  const attempts = states[0]?.attempts ?? 0;
  const outputs: unknown[] = [];
  for (const state of states) {
    if (state.status !== "succeeded" || state.attempts !== attempts) return JSON.stringify(states);
    outputs.push(state.output);
  }
  const all: AllSucceeded = { attempts, outputs };
  return JSON.stringify(all);
}
