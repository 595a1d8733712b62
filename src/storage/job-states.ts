// The states of a chunk's items as text: a JSON array, or `{attempts, outputs}` where all have succeeded
// alike, as they mostly have. Half the bytes are written and read then.
import type { ItemState } from "../domain/jobs/job";

interface AllSucceeded {
  readonly attempts: number;
  readonly outputs: readonly unknown[];
}

/** Reads what `writeStates` wrote, so the shapes are known. */
export function parseStates(json: string): ItemState[] {
  const written = JSON.parse(json) as ItemState[] | AllSucceeded;
  if (Array.isArray(written)) return written;
  const { attempts, outputs } = written;
  return outputs.map((output) => ({ status: "succeeded", attempts, output }));
}

/** As short as it can be. */
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
