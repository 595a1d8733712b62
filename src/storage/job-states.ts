// Encodes the states of a chunk's items: as a JSON array, or as `{attempts, outputs}` if all succeeded after
// equally many attempts, which is common and halves the bytes.
import type { ItemState } from "../domain/jobs/job";

interface AllSucceeded {
  readonly attempts: number;
  readonly outputs: readonly unknown[];
}

/** Parses the text of `writeStates`. Not validated, since nothing else writes it. */
export function parseStates(json: string): ItemState[] {
  const written = JSON.parse(json) as ItemState[] | AllSucceeded;
  if (Array.isArray(written)) return written;
  const { attempts, outputs } = written;
  return outputs.map((output) => ({ status: "succeeded", attempts, output }));
}

/** The shorter of the two encodings. */
export function writeStates(states: readonly ItemState[]): string {
  const attempts = states[0]?.attempts ?? 0;
  const outputs: unknown[] = [];
  for (const state of states) {
    if (state.status !== "succeeded" || state.attempts !== attempts) return JSON.stringify(states);
    outputs.push(state.output);
  }
  const all: AllSucceeded = { attempts, outputs };
  return JSON.stringify(all);
}
