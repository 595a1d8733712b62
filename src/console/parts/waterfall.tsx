// Parallel calls as a waterfall: the start and duration of each, and the time saved.
import type { VNode } from "preact";
import type { CallResult } from "../../client";
import { toneOf } from "../calls";
import { count, formatDuration } from "../format";
import { Receipt } from "./receipt";

/** A call, with its receipt once that has arrived. */
export interface WaterfallRow {
  readonly url: string;
  readonly result: CallResult | null;
  /** True for a call that waits for another. */
  readonly isDependent: boolean;
}

/** Width of the thinnest bar, in per cent, so that it stays visible. */
const MIN_BAR_PERCENT = 0.6;
const TICKS = 4;

/**
 * A bar per call, in request order.
 *
 * @param elapsedMs milliseconds since the calls began, where bars of running calls end
 */
export function Waterfall({
  rows,
  elapsedMs,
}: {
  rows: readonly WaterfallRow[];
  elapsedMs: number;
}): VNode {
  const span = Math.max(1, ...rows.map(({ result }) => (result ? endOf(result) : elapsedMs)));
  const ticks = ticksUpTo(span);
  return (
    <div class="waterfall">
      <svg class="axis" width="100%" height="18" aria-hidden="true">
        {ticks.map((tick) => (
          <text key={tick} x={percent(tick, span)} y="12">
            {formatDuration(tick)}
          </text>
        ))}
      </svg>
      <ol>
        {rows.map((row, index) => (
          // The index is a stable key, since rows never change places.
          <Row key={index} row={row} span={span} ticks={ticks} elapsedMs={elapsedMs} />
        ))}
      </ol>
    </div>
  );
}

function Row({
  row: { url, result, isDependent },
  span,
  ticks,
  elapsedMs,
}: {
  row: WaterfallRow;
  span: number;
  ticks: readonly number[];
  elapsedMs: number;
}): VNode {
  const tone = result === null ? "waiting" : toneOf(result);
  const isUnstarted = result === null && isDependent;
  const from = result?.started_ms ?? (isUnstarted ? elapsedMs : 0);
  const length = result?.duration_ms ?? elapsedMs - from;
  const width = Math.max((length / span) * 100, MIN_BAR_PERCENT);
  const line = (
    <>
      <span class={isDependent ? "url dependent" : "url"} title={url}>
        {isDependent && <span class="unseen">after another: </span>}
        {url.replace(/^https?:\/\//, "")}
      </span>
      <svg class="track" width="100%" height="20" aria-hidden="true">
        {ticks.map((tick) => (
          <line key={tick} x1={percent(tick, span)} x2={percent(tick, span)} y1="0" y2="20" />
        ))}
        <rect
          class={`bar ${tone}`}
          x={`${Math.min((from / span) * 100, 100 - MIN_BAR_PERCENT)}%`}
          y="4"
          width={`${width}%`}
          height="12"
          rx="3"
        />
      </svg>
      <span class="outcome">{result === null ? "waiting…" : <Outcome result={result} />}</span>
    </>
  );
  return (
    <li data-outcome={tone}>
      {result === null ? (
        <div class="call">{line}</div>
      ) : (
        <details>
          <summary class="call">{line}</summary>
          <Receipt result={result} />
        </details>
      )}
    </li>
  );
}

function Outcome({ result }: { result: CallResult }): VNode {
  return (
    <>
      <span class={`chip ${toneOf(result)}`}>
        {result.status === "fulfilled" ? result.http_status : result.error.code}
      </span>
      {result.attempts !== 1 && <span class="attempts">{count(result.attempts, "attempt")}</span>}
      <span class="unseen">started after {formatDuration(result.started_ms)}, took</span>
      <span class="took">{formatDuration(result.duration_ms)}</span>
    </>
  );
}

function endOf({ started_ms, duration_ms }: CallResult): number {
  return started_ms + duration_ms;
}

function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(2)}%`;
}

/** Round numbers from 0 on; the last leaves room for its label. */
function ticksUpTo(span: number): number[] {
  const rough = span / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const length = Math.floor((span * 0.92) / step) + 1;
  return Array.from({ length }, (_, index) => index * step);
}
