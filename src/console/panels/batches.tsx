// The panel for batches: starts one, shows its progress and steers it.
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { BatchHandle } from "../../client";
import { BatchCard } from "../parts/batch-card";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import type { Sent } from "../snippets";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { type BatchDraft, describeBatch, emptyBatch, toNewBatch } from "../batch-draft";
import { BatchForm } from "./batch-form";

const BATCH_KEY = "serentak-batch";
/** Pointers of the faults that are told at the form's fields. */
const BATCH_FIELDS =
  /^#\/(?:items(?:\/.*)?|options\/(?:concurrency|max_attempts|stop_after_failures)|notify(?:\/\d+)?)$/;

/** The form of POST /batch-process, with the last batch of this tab, which survives a reload. */
export function Batches(): VNode {
  const { client, operations } = useSession();
  const [draft, setDraft] = useState<BatchDraft>(() => emptyBatch(location.origin));
  const [id, setId] = useState(() => sessionStorage.getItem(BATCH_KEY));
  const [{ isBusy, problem }, start] = useLatest<BatchHandle>();
  const [sent, setSent] = useState<Sent | null>(null);
  const [fault, setFault] = useState("");
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    if (id === null) sessionStorage.removeItem(BATCH_KEY);
    else sessionStorage.setItem(BATCH_KEY, id);
  }, [id]);
  const forget = useCallback(() => {
    setId(null);
    setGone(true);
  }, []);

  const submit = (): void => {
    const batch = toNewBatch(draft, operations.value ?? []);
    setFault("fault" in batch ? batch.fault : "");
    if ("fault" in batch) return;
    setSent(describeBatch(batch));
    start(async () => {
      const handle = await client.batch(batch);
      setId(handle.id);
      return handle;
    });
  };
  return (
    <Panel
      title="Run a batch in the background"
      endpoint="POST /batch-process"
      about="Stored before it is accepted, and finished whatever happens to the machine it runs on. Reload this page in the middle of one: it goes on."
      form={
        <BatchForm
          draft={draft}
          fault={fault}
          problem={problem}
          isBusy={isBusy}
          onDraft={setDraft}
          onSubmit={submit}
        />
      }
      result={
        <>
          <ProblemNote problem={problem} atFields={BATCH_FIELDS} />
          {id === null ? (
            <p class="empty">
              {isGone && "The last batch of this tab is gone: it has expired, or was removed. "}
              The progress of the batch appears here.
            </p>
          ) : (
            <BatchCard key={id} id={id} onGone={forget} />
          )}
        </>
      }
      sent={sent}
    />
  );
}
