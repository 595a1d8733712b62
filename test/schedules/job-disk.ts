// State of a job that survives a crash of its object, and what must hold of it whatever is written.
import type { ItemState } from "../../src/domain/jobs/job";
import type { JobRecord } from "../../src/domain/jobs/job-record";
import { chosenRun } from "../../src/domain/jobs/held";
import { MemoryChunks } from "../support/memory-chunks";
import { check } from "./runner";

/** Chunks that see to it that what has ended stays as it is. */
class GuardedChunks extends MemoryChunks {
  /** Items that the user has given back to be run again. */
  readonly restarted = new Set<number>();
  readonly #record: () => JobRecord | null;

  constructor(items: readonly unknown[], size: number, record: () => JobRecord | null) {
    super(items, size);
    this.#record = record;
  }

  protected override get chosenRun(): number | null {
    const record = this.#record();
    return record === null ? null : chosenRun(record);
  }

  override save(
    chunk: Parameters<MemoryChunks["save"]>[0],
    states: readonly ItemState[],
  ): ItemState[] {
    const before = this.load(chunk.first).states ?? [];
    const saved = super.save(chunk, states);
    for (const [offset, state] of before.entries()) {
      const isOpen = state.status === "pending" || state.status === "held";
      if (isOpen || this.restarted.has(chunk.first + offset)) continue;
      check(states[offset] === state, "what has ended stays as it is");
    }
    return saved;
  }
}

/** The rows of one job. */
export class JobDisk {
  record: JobRecord | null;
  readonly chunks: GuardedChunks;

  constructor(record: JobRecord, items: number) {
    this.record = record;
    this.chunks = new GuardedChunks(
      Array.from({ length: items }, (_, index) => index),
      4,
      () => this.record,
    );
  }

  get isWritable(): boolean {
    return !this.chunks.isRefusing;
  }

  set isWritable(isWritable: boolean) {
    this.chunks.isRefusing = !isWritable;
  }

  /** @throws Error while nothing may be written */
  write(change: () => void): void {
    if (!this.isWritable) throw new Error("Exceeded allowed rows written");
    change();
  }

  erase(): void {
    this.record = null;
  }

  /** Gives failed items back. @returns their indexes */
  restart(isChosen: () => boolean): number[] {
    const given = this.chunks.states.flatMap(({ status }, index) =>
      status === "failed" && isChosen() ? [index] : [],
    );
    for (const index of given) this.chunks.restarted.add(index);
    this.chunks.reset(given, (this.record?.run ?? 0) + 1);
    this.chunks.restarted.clear();
    return given;
  }
}
