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
  const { requestId, request, route, caller, startedAt } = context;
  const level = status >= 500 ? "error" : "info";
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  // None of these needs escapes: a method is a token (RFC 9110 §9.1).
  let line = `{"level":"${level}","request_id":"${requestId}","method":"${request.method}","route":"${route}","status":${status},"caller":"${caller.kind}","duration_ms":${ms}`;
  const ray = request.headers.get("CF-Ray");
  if (ray !== null) line += member("ray", ray);
  if (caller.kind === "token") line += member("token", caller.token.name);
  if (problem !== null) line += member("code", problem.code);
  if (problem?.code === "internal") line += member("error", describe(thrown));
  if (level === "error") console.error(`${line}}`);
  else console.log(`${line}}`);
  if (problem?.code === "internal" && thrown instanceof Error) console.error(thrown.stack);
}

function member(name: string, value: string): string {
  return `,"${name}":${JSON.stringify(value)}`;
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? String(thrown) : "not an Error";
}
