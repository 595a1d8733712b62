// Summaries of parallel calls: by their policy, and by time.
import type { CallResult, ExternalApiRequest } from "../client";
import { count, formatDuration } from "./format";

/** Policy that decides whether the calls as a whole succeeded. */
export type Policy = NonNullable<ExternalApiRequest["policy"]>;

/** Colour of a call's result. */
export type Tone = "ok" | "warn" | "bad" | "neutral";

/** The colour of a result: 2xx is ok, another status a warning, no response bad, a cancelled call neutral. */
export function toneOf(result: CallResult): Tone {
  if (result.status === "rejected") return isCancelled(result) ? "neutral" : "bad";
  return result.ok ? "ok" : "warn";
}

function isCancelled(result: CallResult): boolean {
  return result.status === "rejected" && result.error.code === "cancelled";
}

/** Milliseconds that the calls would have taken one after another, without the cancelled ones. */
export function sumOf(results: readonly CallResult[]): number {
  return results
    .filter((result) => !isCancelled(result))
    .reduce((sum, { duration_ms }) => sum + duration_ms, 0);
}

/** A summary of the calls in one line. */
export function describeCalls(results: readonly CallResult[], durationMs: number): string {
  const answered = results.filter(({ status }) => status === "fulfilled").length;
  const cancelled = results.filter(isCancelled).length;
  const parts = [`${answered} answered`, `${results.length - answered - cancelled} failed`];
  if (cancelled > 0) parts.push(`${cancelled} cancelled`);
  return `${count(results.length, "call")} in ${formatDuration(durationMs)}: ${parts.join(", ")}`;
}

/** Result of applying the policy to the calls. */
export interface Verdict {
  readonly isMet: boolean;
  readonly text: string;
}

/** Applies the policy; null for the policy `settled`, which any result meets. */
export function judge(policy: Policy, results: readonly CallResult[]): Verdict | null {
  if (policy === "settled") return null;
  const ok = results.filter((result) => toneOf(result) === "ok").length;
  if (policy === "any")
    return ok > 0
      ? { isMet: true, text: "“any” is met: one answer was ok." }
      : { isMet: false, text: "“any” has failed: no answer was ok." };
  const others = results.length - ok;
  return others === 0
    ? { isMet: true, text: "“all” is met: every answer was ok." }
    : { isMet: false, text: `“all” has failed: ${count(others, "call")} not ok.` };
}
