// Writes one JSON line per request, without body, query, headers, or ids from the path. The stack of an
// unexpected failure follows as an entry of its own, in the form that wrangler maps to the TypeScript source.
import type { RequestContext } from "./request-context";
import type { Problem } from "./problem";

/** Logs a finished request. `thrown` is the error of an unexpected failure. */
export function logRequest(
  context: RequestContext,
  status: number,
  problem: Problem | null,
  thrown: unknown,
): void {
  const line: Record<string, string | number> = {
    level: status >= 500 ? "error" : "info",
    request_id: context.requestId,
    method: context.request.method,
    route: context.route,
    status,
    caller: context.caller.kind,
    duration_ms: Math.round((performance.now() - context.startedAt) * 10) / 10,
  };
  const ray = context.request.headers.get("CF-Ray");
  if (ray !== null) line["ray"] = ray;
  if (context.caller.kind === "token") line["token"] = context.caller.token.name;
  if (problem !== null) line["code"] = problem.code;
  if (problem?.code === "internal") line["error"] = describe(thrown);
  if (status >= 500) console.error(JSON.stringify(line));
  else console.log(JSON.stringify(line));
  if (problem?.code === "internal" && thrown instanceof Error) console.error(thrown.stack);
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown) : "not an Error";
}
