// One invocation of a lane, as its job calls it. All calls of one are one session: the platform bills them as a
// single request to the lane's object.
import { RpcTarget } from "cloudflare:workers";
import type { DueItem } from "../domain/jobs/job";
import type { LaneOutcome } from "../domain/jobs/lanes";

/** Attempts items for a job, as long as that keeps it. */
export class LaneTarget extends RpcTarget {
  readonly #run: (due: DueItem) => Promise<LaneOutcome>;

  constructor(run: (due: DueItem) => Promise<LaneOutcome>) {
    super();
    this.#run = run;
  }

  /** Attempts an item. Its outcome is sent as JSON, the form in which it is stored. */
  async run(due: DueItem): Promise<string> {
    return JSON.stringify(await this.#run(due));
  }
}
