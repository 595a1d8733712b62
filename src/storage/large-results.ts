// Results of a job that are too large to be written again with each save of their chunk: a row each.
import { MAX_RESULT_BYTES, type EndedState, type ItemState } from "../domain/jobs/job";
import { freeBytes } from "../lib/free-bytes";
import { heldIn } from "../lib/held-json";
import { jsonBytes } from "../lib/json-bytes";
import { WrittenJson } from "../lib/written-json";
import { OUTPUTS_SCHEMA } from "./job-rows";
import { keptOf } from "./job-states";

/** Bytes of a state beside its result, at most. */
const STATE_BYTES = 100;

/** The large results of one job. */
export class LargeResults {
  readonly #sql: SqlStorage;
  #bytes = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores the result of an item. @returns its state without it; null if it is too large */
  keep(item: number, state: EndedState): ItemState | null {
    const { output }: { readonly output?: unknown } = Object(state);
    const written = output instanceof WrittenJson ? output : heldIn(output);
    const json = jsonBytes(state, MAX_RESULT_BYTES + STATE_BYTES);
    if (json !== null) {
      this.#sql.exec(OUTPUTS_SCHEMA);
      this.#sql.exec("REPLACE INTO outputs (item, state) VALUES (?, CAST(? AS TEXT))", item, json);
      this.#bytes += json.byteLength;
      freeBytes([json]);
    }
    written?.free();
    return json === null ? null : keptOf(state);
  }

  /** Bytes that were stored since the last call, for the chunk that is saved now. */
  takeBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }
}
