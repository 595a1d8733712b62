// One invocation of a lane, as its job calls it. All calls of one are one session: the platform bills them as a
// single request to the lane's object.
import { RpcTarget } from "cloudflare:workers";
import type { DueItem } from "../domain/jobs/job";
import type { LaneOutcome } from "../domain/jobs/lanes";
import { takeHeld, type HeldJson, type HeldParts } from "../lib/held-json";
import type { SentOutcome } from "../runtime/jobs";

/** Attempts items for a job, as long as that keeps it. */
export class LaneTarget extends RpcTarget {
  readonly #run: (due: DueItem) => Promise<LaneOutcome>;
  /** Large bodies by item, until the job has them. */
  readonly #bodies = new Map<number, HeldJson>();

  constructor(run: (due: DueItem) => Promise<LaneOutcome>) {
    super();
    this.#run = run;
  }

  /** Attempts an item. */
  async run(due: DueItem): Promise<SentOutcome> {
    const outcome = await this.#run(due);
    const body = takeHeld(Object(outcome.attempt).output);
    if (body !== null) this.#bodies.set(due.index, body);
    return { json: JSON.stringify(outcome), hasBody: body !== null };
  }

  /** The large body of an item's outcome; null if there is none. */
  async body(index: number): Promise<HeldParts | null> {
    return this.#bodies.get(index)?.parts ?? null;
  }

  /** Lets go of a body that has arrived. */
  async taken(index: number): Promise<void> {
    this.#bodies.get(index)?.free();
    this.#bodies.delete(index);
  }
}
