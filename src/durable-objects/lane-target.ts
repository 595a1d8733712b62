// One invocation of a lane, as its job calls it. All calls of one are one session: the platform bills them as a
// single request to the lane's object.
import { RpcTarget } from "cloudflare:workers";
import type { DueItem } from "../domain/jobs/job";
import type { LaneOutcome } from "../domain/jobs/lanes";
import { apart, type SentOutcome } from "../domain/batches/sent-outcome";
import type { HeldJson } from "../lib/held-json";

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
    const { sent, body } = apart(await this.#run(due));
    if (body !== null) this.#sent.set(due.index, body);
    return sent;
  }

  /** Lets go of the body that was sent for an item. */
  async taken(index: number): Promise<void> {
    this.#sent.get(index)?.free();
    this.#sent.delete(index);
  }
}
