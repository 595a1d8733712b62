// One JSON line a request. No body, no query, no header and no id from the path is in it.
import type { Call } from "./call";
import type { Problem } from "./problem";

/** Writes the line of a finished request. `thrown` is what an unexpected failure left. */
export function logRequest(
  call: Call,
  status: number,
  problem: Problem | null,
  thrown: unknown,
): void {
  const line = {
    level: status >= 500 ? "error" : "info",
    request_id: call.requestId,
    ray: call.request.headers.get("CF-Ray") ?? undefined,
    method: call.request.method,
    route: call.route,
    status,
    code: problem?.code,
    caller: call.caller.kind,
    duration_ms: Math.round((performance.now() - call.startedAt) * 10) / 10,
    error: problem?.code === "internal" ? describe(thrown) : undefined,
  };
  if (line.level === "error") console.error(JSON.stringify(line));
  else console.log(JSON.stringify(line));
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : "not an Error";
}
