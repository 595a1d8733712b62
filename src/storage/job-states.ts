// Encodes the states of a chunk's items: as a JSON array, or as `{attempts, outputs}` if all succeeded after
// equally many attempts, which is common and halves the bytes. A state that is large gets a row of its own, so that it
// is not written again with each save of its chunk; in the array it is `{"status": "kept", …}`.
import type { EndedState, ItemState } from "../domain/jobs/job";
import { readExactJson } from "../lib/exact-json";
import { isJsonLonger } from "../lib/is-json-longer";
import { jsonBytes } from "../lib/json-bytes";

interface AllSucceeded {
  readonly attempts: number;
  readonly outputs: readonly unknown[];
}

/** States as JSON in UTF-8, and those that did not fit into it. */
export interface WrittenStates {
  readonly json: Uint8Array;
  /** The states as the JSON has them. */
  readonly states: ItemState[];
  /** Those that are large, by their places in the chunk. */
  readonly large: readonly (readonly [offset: number, state: EndedState])[];
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

/** Writes states, as at most so many bytes. */
export function writeStates(states: readonly ItemState[], maxBytes: number): WrittenStates {
  const enough = LARGE_CHARACTERS * Math.max(1, states.length);
  // One that is certainly too long is not written in vain.
  const isLong = isJsonLonger(states, enough);
  const whole = isLong ? null : jsonBytes(shortOf(states), Math.min(maxBytes, enough));
  if (whole !== null) return { json: whole, states: [...states], large: [] };
  for (let limit = LARGE_CHARACTERS; ; limit = Math.floor(limit / 4)) {
    const large = states.flatMap((state, offset) =>
      isLarge(state, limit) ? [[offset, state] as const] : [],
    );
    const kept = states.map((state) => (isLarge(state, limit) ? keptOf(state) : state));
    const json = jsonBytes(kept, limit > 0 ? maxBytes : Infinity);
    if (json !== null) return { json, states: kept, large };
  }
}

function isLarge(state: ItemState, limit: number): state is EndedState {
  const hasEnded = state.status === "succeeded" || state.status === "failed";
  return hasEnded && isJsonLonger(state, limit);
}

/** The state of an item whose large result is stored by itself. */
export function keptOf(state: EndedState): ItemState {
  const { attempts } = state;
  return { status: "kept", attempts, code: state.status === "failed" ? state.error.code : null };
}

function shortOf(states: readonly ItemState[]): readonly ItemState[] | AllSucceeded {
  const attempts = states[0]?.attempts ?? 0;
  const outputs: unknown[] = [];
  for (const state of states) {
    if (state.status !== "succeeded" || state.attempts !== attempts) return states;
    outputs.push(state.output);
  }
  return { attempts, outputs };
}
