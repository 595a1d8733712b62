// The register of batches for tests: its list, and many entries at once.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { type BatchEntry, ListedBatch } from "../../src/domain/batches/register";
import { batchesTable } from "../../src/storage/batches";
import { firstSeqAt, RecordTable } from "../../src/storage/record-table";
import { toIsoTime } from "../../src/lib/iso-time";
import { AUTHORIZATION, send } from "./worker";

const Page = v.strictObject({
  batches: v.array(ListedBatch),
  next_cursor: v.nullable(v.string()),
});

/** A page of the list. `query` begins with `?`. */
export async function listBatches(query = ""): Promise<v.InferOutput<typeof Page>> {
  const response = await send(`/batch-process${query}`, { headers: AUTHORIZATION });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return v.parse(Page, JSON.parse(text));
}

/** Ids and states of the batches on the first page of a list. */
export async function listedStates(query = ""): Promise<[id: string, status: string][]> {
  return (await listBatches(query)).batches.map(({ id, status }) => [id, status]);
}

/** DELETE /batch-process with a token. */
export function deleteBatches(query: Readonly<Record<string, string>>): Promise<Response> {
  const search = new URLSearchParams(query).toString();
  return send(`/batch-process?${search}`, { method: "DELETE", headers: AUTHORIZATION });
}

/** The creation of the first entry; each further one is created a second later. */
export const FIRST_ENTRY_AT = Date.UTC(2126, 0, 1);
const LATER = toIsoTime(FIRST_ENTRY_AT + 366 * 24 * 60 * 60_000);

/** The n-th entry of a test: a completed batch. */
export function someEntry(n: number, fields: Partial<BatchEntry> = {}): BatchEntry {
  const at = toIsoTime(FIRST_ENTRY_AT + 1000 * n);
  return {
    id: `7d9f2c4e-1a3b-4c5d-8e6f-${String(n).padStart(12, "0")}`,
    label: null,
    metadata: {},
    operation: "uppercase",
    status: "completed",
    reason: null,
    run: 1,
    then: null,
    total: 10,
    succeeded: 10,
    failed: 0,
    failed_by_code: {},
    pending: 0,
    created_at: at,
    started_at: at,
    finished_at: at,
    expires_at: LATER,
    links: {},
    version: 2,
    is_at_rest: true,
    ...fields,
  };
}

/** The object of the register. */
export const registerObject = () => env.TABLES.getByName("batches");

/** Puts entries into the register, in this order, each as if reported when it was created. */
export async function insertEntries(entries: readonly BatchEntry[]): Promise<void> {
  await listBatches();
  await runInDurableObject(registerObject(), (_, { storage }) => {
    const rows = new RecordTable(storage.sql, batchesTable);
    storage.transactionSync(() => {
      for (const [n, entry] of entries.entries())
        rows.insert(entry, firstSeqAt(Date.parse(entry.created_at)) + n);
    });
  });
}
