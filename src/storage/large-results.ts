// Results of a job that are too large to be written again with each save of their chunk: a row each.
import type { EndedState, ItemState } from "../domain/jobs/job";
import { freeBytes } from "../lib/free-bytes";
import { jsonBytes } from "../lib/json-bytes";
import { OUTPUTS_SCHEMA } from "./job-rows";
import { keptOf } from "./job-states";

/** The large results of one job. */
export class LargeResults {
  readonly #sql: SqlStorage;
  #bytes = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores the result of an item. @returns its state without it */
  keep(item: number, state: EndedState): ItemState {
    const json = jsonBytes(state) ?? new Uint8Array();
    this.#sql.exec(OUTPUTS_SCHEMA);
    this.#sql.exec("REPLACE INTO outputs (item, state) VALUES (?, CAST(? AS TEXT))", item, json);
    this.#bytes += json.byteLength;
    freeBytes([json]);
    return keptOf(state);
  }

  /** Bytes that were stored since the last call, for the chunk that is saved now. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}
