// The time saved by parallel calls: the sum of their times against the time that passed.
import type { VNode } from "preact";
import { formatDuration } from "../format";

/** Two bars on a common scale, in milliseconds. */
export function Saving({ sumMs, elapsedMs }: { sumMs: number; elapsedMs: number }): VNode {
  const longest = Math.max(sumMs, elapsedMs, 1);
  const factor = sumMs / Math.max(elapsedMs, 0.1);
  return (
    <div class="saving">
      <p class="factor">
        <strong>{factor.toFixed(1)}×</strong> as fast as one after another
      </p>
      <Bar name="One after another" className="sum" ms={sumMs} longest={longest} />
      <Bar name="All at once" className="elapsed" ms={elapsedMs} longest={longest} />
    </div>
  );
}

function Bar({
  name,
  className,
  ms,
  longest,
}: {
  name: string;
  className: string;
  ms: number;
  longest: number;
}): VNode {
  return (
    <div class={`total ${className}`}>
      <span>{name}</span>
      <svg width="100%" height="12" aria-hidden="true">
        <rect x="0" y="1" width={`${(ms / longest) * 100}%`} height="10" rx="3" />
      </svg>
      <span class="took">{formatDuration(ms)}</span>
    </div>
  );
}
