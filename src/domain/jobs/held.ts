// Items that a retry leaves out: they stay pending, and the run does not see them as such.
import { NEVER_RUN, type Chunk, type ItemState } from "./job";
import type { JobRecord } from "./job-record";

/** The run whose chosen items alone are run; null if all that is pending is. */
export function chosenRun({
  isPartial = false,
  run,
}: Pick<JobRecord, "isPartial" | "run">): number | null {
  return isPartial ? run : null;
}

/** A chunk as its run sees it: what was not chosen for it is held. */
export function holdOthers(chunk: Chunk, run: number | null): Chunk {
  if (run === null) return chunk;
  const states = chunk.states ?? chunk.items.map(() => NEVER_RUN);
  const isHeld = (state: ItemState) => state.status === "pending" && state.run !== run;
  return {
    ...chunk,
    states: states.map((was) =>
      isHeld(was) ? { status: "held", attempts: was.attempts, was } : was,
    ),
  };
}

/** The states as they are stored, where no item is held. */
export function releaseHeld(states: readonly ItemState[]): readonly ItemState[] {
  if (states.every(({ status }) => status !== "held")) return states;
  return states.map((state) => (state.status === "held" ? state.was : state));
}
