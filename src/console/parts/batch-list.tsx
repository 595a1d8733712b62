// All batches, newest first, found by status and label; one at a time is opened, followed and steered.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { BatchesQuery, ListedBatch } from "../../client";
import { count, formatInstant, formatNumber } from "../format";
import { keysOf } from "../keys-of";
import { useSession } from "../session";
import { usePages } from "../use-pages";
import { BATCH_TONES, BatchCard } from "./batch-card";
import { DownloadButton } from "./download-button";
import { Field } from "./field";
import { Filter } from "./filter";
import { ListCard } from "./list-card";

const PAGE = 10;

/** The batches that the filters leave. */
export function BatchList(): VNode {
  const { client } = useSession();
  const [status, setStatus] = useState<ListedBatch["status"]>();
  const [label, setLabel] = useState("");
  const [openId, setOpenId] = useState<string | null>(null);
  const read = useCallback(
    async (cursor: string | undefined, signal: AbortSignal) => {
      const query: BatchesQuery = {
        limit: PAGE,
        cursor,
        ...(status && { status }),
        ...(label && { label }),
      };
      const page = await client.batches.page(query, { signal });
      return { items: page.batches, next: page.next_cursor };
    },
    [client, status, label],
  );
  const pages = usePages<ListedBatch>(read, null);
  const { refresh } = pages;
  const close = useCallback(() => {
    setOpenId(null);
    refresh();
  }, [refresh]);
  return (
    <ListCard
      title="All batches"
      empty={status === undefined && label === "" ? "There is none yet." : "None is found."}
      actions={<DownloadButton path="/batch-process" format="csv" name="batches" />}
      filters={
        <div class="filters">
          <Field label="Label of the batches" isLabelHidden>
            <input
              type="search"
              dir="auto"
              placeholder="The whole label, then Enter"
              onChange={({ currentTarget }) => setLabel(currentTarget.value.trim())}
            />
          </Field>
          <Filter
            label="Status of the batches"
            any="any status"
            values={keysOf(BATCH_TONES)}
            value={status}
            onValue={setStatus}
          />
        </div>
      }
      {...pages}
    >
      {(batches: readonly ListedBatch[]) => (
        <ul class="rows">
          {batches.map((batch) => (
            <Row
              key={batch.id}
              batch={batch}
              isOpen={batch.id === openId}
              onToggle={() => setOpenId(batch.id === openId ? null : batch.id)}
              onGone={close}
            />
          ))}
        </ul>
      )}
    </ListCard>
  );
}

function Row({
  batch,
  isOpen,
  onToggle,
  onGone,
}: {
  batch: ListedBatch;
  isOpen: boolean;
  onToggle: () => void;
  onGone: () => void;
}): VNode {
  const { id, status, label, operation } = batch;
  const name = label ?? nameOf(operation);
  return (
    <li>
      <p class="chips">
        <span class={`chip ${BATCH_TONES[status]}`}>{status}</span>
        <strong dir="auto">{name}</strong>
        <span class="hint">{describe(batch)}</span>
      </p>
      <div class="actions">
        <button type="button" class="quiet small" aria-expanded={isOpen} onClick={onToggle}>
          {isOpen ? "Close" : "Open"}
          <span class="unseen"> {name}</span>
        </button>
      </div>
      {isOpen && <BatchCard id={id} onGone={onGone} />}
    </li>
  );
}

function describe({ label, operation, total, failed, created_at }: ListedBatch): string {
  const facts = [count(total, "item"), formatInstant(created_at)];
  if (failed > 0) facts.unshift(`${formatNumber(failed)} failed`);
  if (label !== null) facts.unshift(nameOf(operation));
  return facts.join(" · ");
}

/** The name of an operation, or of each in a pipeline. */
function nameOf(operation: unknown): string {
  if (Array.isArray(operation)) return operation.map(nameOf).join(", ");
  return String(typeof operation === "string" ? operation : Reflect.get(Object(operation), "name"));
}
