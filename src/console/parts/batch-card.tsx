// A batch with its progress, and buttons to steer it.
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Batch, BatchAction } from "../../client";
import { count, formatBlock, formatDuration, formatNumber } from "../format";
import { keysOf } from "../keys-of";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { BatchResults } from "./batch-results";
import { ProblemNote } from "./problem-note";
import { ProgressBar } from "./progress-bar";

/** Colours of the chips of each status. */
export const BATCH_TONES = {
  scheduled: "neutral",
  queued: "neutral",
  running: "live",
  paused: "neutral",
  cancelled: "bad",
  completed: "ok",
} as const;

/**
 * Follows a batch until it is over, and again after a retry. A cancelled batch is over once the items in
 * progress have finished.
 */
export function BatchCard({ id, onGone }: { id: string; onGone: () => void }): VNode {
  const { client } = useSession();
  const [{ value: batch, problem }, startFollowing] = useLatest<Batch>();
  const [steering, startSteering] = useLatest<Batch>();

  const follow = useCallback(() => {
    const handle = client.batchById(id);
    startFollowing(async (signal, show) => {
      let last: Batch | null = null;
      for await (last of handle.progress({ signal })) show(last);
      return last ?? handle.status({ signal });
    });
  }, [client, id, startFollowing]);
  useEffect(follow, [follow]);
  const isGone = problem?.code === "not-found";
  useEffect(() => {
    if (isGone) onGone();
  }, [isGone, onGone]);

  const act = (action: BatchAction): void =>
    startSteering(async () => {
      const changed = await client.batchById(id)[action]();
      follow();
      return changed;
    });
  if (batch === null) return <ProblemNote problem={problem} />;
  return (
    <section class="card batch" aria-label="Batch">
      <LiveRegion batch={batch} />
      <p class="chips">
        <span class={`chip ${BATCH_TONES[batch.status]}`}>{batch.status}</span>
        {isEnding(batch) && <span class="hint">What is under way still comes in.</span>}
        <code class="hint">{id}</code>
      </p>
      <ProgressBar total={batch.total} succeeded={batch.succeeded} failed={batch.failed} />
      <Figures batch={batch} />
      <Summary batch={batch} />
      <ProblemNote problem={problem ?? steering.problem} />
      <Steering batch={batch} isBusy={steering.isBusy} onAction={act} />
      <BatchResults batch={batch} />
    </section>
  );
}

/**
 * True for a cancelled batch whose items in progress have not finished, so that its counts may still change.
 */
function isEnding({ status, finished_at }: Batch): boolean {
  return status === "cancelled" && finished_at === null;
}

/** Tells screen readers of each change of status and each quarter done (`aria-live`), not of every item. */
function LiveRegion({ batch }: { batch: Batch }): VNode {
  const { status, total, succeeded, failed } = batch;
  const done = succeeded + failed;
  const quarter = Math.floor((done / Math.max(1, total)) * 4) * 25;
  const [said, setSaid] = useState("");
  const isMoving = status === "running" || isEnding(batch);
  const news = `Batch ${status}, ${isMoving ? `${quarter} per cent done` : `${done} of ${count(total, "item")} done, ${failed} failed`}`;
  useEffect(() => setSaid(news), [news]);
  return (
    <p class="unseen" aria-live="polite">
      {said}
    </p>
  );
}

function Figures({ batch }: { batch: Batch }): VNode {
  const { total, succeeded, failed, items_per_second, eta_ms, started_at, finished_at } = batch;
  const isOver = finished_at !== null;
  const tookMs =
    isOver && started_at !== null ? Date.parse(finished_at) - Date.parse(started_at) : null;
  return (
    <dl class="figures">
      <Figure name="Done" value={`${formatNumber(succeeded + failed)} / ${formatNumber(total)}`} />
      <Figure name="Failed" value={formatNumber(failed)} />
      <Figure
        name="Rate"
        value={items_per_second === null ? "–" : `${formatNumber(items_per_second)} / s`}
      />
      {tookMs === null ? (
        <Figure name="Remaining" value={eta_ms === null ? "–" : formatDuration(eta_ms)} />
      ) : (
        <Figure name="Took" value={formatDuration(tookMs)} />
      )}
    </dl>
  );
}

/** The summary of the outputs, where one was asked for and is there. */
function Summary({ batch: { summary, summary_error } }: { batch: Batch }): VNode | null {
  if (summary === null && summary_error === null) return null;
  return (
    <section aria-label="Summary">
      <h3>Summary</h3>
      {summary !== null && <pre>{formatBlock(summary)}</pre>}
      {summary_error !== null && <p class="hint">{summary_error.detail}</p>}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const LABELS = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Retry what is left",
} satisfies Record<BatchAction, string>;

/** A button for each action that the batch has a link to. */
function Steering({
  batch: { links },
  isBusy,
  onAction,
}: {
  batch: Batch;
  isBusy: boolean;
  onAction: (action: BatchAction) => void;
}): VNode {
  return (
    <div class="actions">
      {keysOf(LABELS)
        .filter((action) => action in links)
        .map((action) => (
          <button
            key={action}
            type="button"
            class="quiet"
            disabled={isBusy}
            onClick={() => onAction(action)}
          >
            {LABELS[action]}
          </button>
        ))}
    </div>
  );
}
