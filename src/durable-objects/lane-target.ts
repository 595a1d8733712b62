// One invocation of a lane, as its job calls it. All calls of one are one session: the platform bills them as a
// single request to the lane's object.
import { RpcTarget } from "cloudflare:workers";
import type { DueItem } from "../domain/jobs/job";
import type { LaneOutcome } from "../domain/jobs/lanes";
import { takeHeld, type HeldJson, type HeldParts } from "../lib/held-json";

/** An outcome as JSON, the form in which it is stored; a large body is apart from it. */
export type SentOutcome = string | { readonly json: string; readonly body: HeldParts };

/** Attempts items for a job, as long as that keeps it. */
export class LaneTarget extends RpcTarget {
  readonly #run: (due: DueItem) => Promise<LaneOutcome>;
  /** Bodies that were sent, by item, until the job has them. */
  readonly #sent = new Map<number, HeldJson>();

  constructor(run: (due: DueItem) => Promise<LaneOutcome>) {
    super();
    this.#run = run;
  }

  /** Attempts an item. */
  async run(due: DueItem): Promise<SentOutcome> {
    const outcome = await this.#run(due);
    const body = takeHeld(Object(outcome.attempt).output);
    const json = JSON.stringify(outcome);
    if (body === null) return json;
    this.#sent.set(due.index, body);
    return { json, body: body.parts };
  }

  /** Lets go of the body that was sent for an item. */
  async taken(index: number): Promise<void> {
    this.#sent.get(index)?.free();
    this.#sent.delete(index);
  }
}
