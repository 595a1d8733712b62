// Shows a batch's progress as a moving bar, or as a line now and then.
import type { Batch } from "../client";
import { formatCount, formatDuration } from "./format";

const MAX_BAR_COLUMNS = 30;

/** One line that fits into `columns`: bar, share, counts, rate and remaining time. */
export function progressBar(batch: Batch, columns: number): string {
  const text = ` ${progressText(batch)}`;
  const width = Math.min(MAX_BAR_COLUMNS, columns - text.length - 1);
  if (width < 5) return text.trimStart().slice(0, columns - 1);
  const full = Math.round(width * shareOf(batch));
  return "█".repeat(full) + "░".repeat(width - full) + text;
}

/** The text of the bar's line: share, counts, rate and remaining time. */
export function progressText(batch: Batch): string {
  const { total, pending, failed, status, items_per_second: rate, eta_ms: eta } = batch;
  const isMoving = status === "running" || status === "queued";
  return [
    `${String(percentOf(batch)).padStart(3)} %`,
    `${formatCount(total - pending)} of ${formatCount(total)}`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(rate === null ? [] : [`${formatCount(Math.round(rate))}/s`]),
    ...(isMoving && eta !== null ? [`${formatDuration(eta)} left`] : []),
    ...(isMoving ? [] : [status]),
  ].join("  ");
}

/** The summary of the outputs in lines of its own; none where there is none. */
export function summaryLines({ summary = null, summary_error }: Batch): string[] {
  return [
    ...(summary === null ? [] : [`summary: ${JSON.stringify(summary, null, 2)}`]),
    ...(summary_error ? [`summary: ${summary_error.detail}`] : []),
  ];
}

/** Whole per cent, rounded down: 100 means that everything is done. */
export function percentOf(batch: Batch): number {
  return Math.floor(100 * shareOf(batch));
}

function shareOf({ total, pending }: Batch): number {
  return total === 0 ? 1 : (total - pending) / total;
}
