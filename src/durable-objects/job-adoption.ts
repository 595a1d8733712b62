// Makes a job of a batch that the register has kept whole so far, before it is steered.
import { isKeptId, type KeptBatches } from "../domain/batches/kept-batch";
import { Mutex } from "../lib/mutex";
import { newChunk } from "../storage/job-rows";
import { parseStates } from "../storage/job-states";
import type { JobStore } from "../storage/job-store";

/** Surroundings of an adoption. */
interface AdoptionParts {
  readonly store: JobStore;
  readonly register: Pick<KeptBatches, "handOver">;
  /** The batch's id. */
  readonly id: string;
  /** Sets the alarm. */
  readonly wakeAt: (at: number) => Promise<void>;
}

const encoder = new TextEncoder();

/** The adoption of one batch. */
export class JobAdoption {
  readonly #parts: AdoptionParts;
  /** One request after another: a late answer would bring back what was deleted meanwhile. */
  readonly #turns = new Mutex();

  constructor(parts: AdoptionParts) {
    this.#parts = parts;
  }

  /**
   * Stores the batch as a job, if there is one in the register and no job here.
   *
   * @param isSteered false if it is read: then only what the register has handed over already
   */
  async take(isSteered: boolean): Promise<void> {
    const { store, id } = this.#parts;
    if (store.job !== undefined || !isKeptId(id)) return;
    await this.#turns.run(() => this.#take(isSteered));
  }

  async #take(isSteered: boolean): Promise<void> {
    const { store, register, id, wakeAt } = this.#parts;
    if (store.job !== undefined) return;
    const kept = await register.handOver(id, isSteered);
    // A repeated submit may have been faster.
    if (kept === null || store.job !== undefined) return;
    const { record, counts, items: json, states, ...ids } = kept;
    const at = counts.lastResultAt ?? record.work.createdAt;
    const items = encoder.encode(json.slice(1, -1));
    const chunk = { first: 0, size: record.total, items, ...ids };
    // Chunk, job and alarm are one transaction: there is no await between them.
    store.append([chunk]);
    store.save(newChunk(chunk), parseStates(states), at, true);
    store.job = record;
    await wakeAt(record.expiresAt);
  }
}
