// The progress of a batch: succeeded, failed and pending items.
import type { VNode } from "preact";

/** A bar of three parts. */
export function ProgressBar({
  total,
  succeeded,
  failed,
}: {
  total: number;
  succeeded: number;
  failed: number;
}): VNode {
  const share = (items: number): string => `${((items / Math.max(1, total)) * 100).toFixed(2)}%`;
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label="Items done"
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={succeeded + failed}
      aria-valuetext={`${succeeded + failed} of ${total}, ${failed} failed`}
    >
      <svg width="100%" height="14" aria-hidden="true">
        <rect class="succeeded" x="0" width={share(succeeded)} height="14" />
        <rect class="failed" x={share(succeeded)} width={share(failed)} height="14" />
      </svg>
    </div>
  );
}
