// The results of a batch as one stream, which outlives the connections that bring it.
import { backoffDelay } from "../lib/retry-delay";
import type { CallOptions } from "./api";
import { SerentakError } from "./error";
import { readPart } from "./reply";
import { MEDIA_TYPES, neverAborted, type Transport } from "./transport";
import type { ItemResult, ResultFilter } from "./wire";

/** Connections in a row without a result after which reading fails. */
const MAX_FAILURES = 5;

/**
 * Yields results in input order. A stream that breaks off is opened anew, and what was yielded is skipped.
 *
 * @throws SerentakError
 */
export async function* streamResults(
  transport: Transport,
  path: string,
  { signal = neverAborted(), timeoutMs, ...query }: CallOptions & ResultFilter = {},
): AsyncGenerator<ItemResult, void> {
  const options = { signal, ...(timeoutMs !== undefined && { timeoutMs }) };
  let [last, failures] = [-1, 0];
  for (;;) {
    try {
      const lines = transport.lines({ path, query }, MEDIA_TYPES.ndjson, options);
      for await (const result of resultsAfter(last, lines)) {
        [last, failures] = [result.index, 0];
        yield result;
      }
      return;
    } catch (error) {
      failures += 1;
      if (signal.aborted || isFinal(error, last) || failures > MAX_FAILURES) throw error;
      await transport.clock.sleep(backoffDelay(failures, Math.random), signal);
    }
  }
}

/** True for refusals; what somebody else answers is none once the Worker itself has answered. */
function isFinal(error: unknown, last: number): boolean {
  return error instanceof SerentakError && (error.code !== "unexpected-reply" || last < 0);
}

async function* resultsAfter(
  index: number,
  lines: AsyncGenerator<string>,
): AsyncGenerator<ItemResult, void> {
  for await (const line of lines) {
    // Not validated: what names its index comes from the Worker, whose types these are.
    const result = readPart(line, ["index"]) as ItemResult;
    if (result.index > index) yield result;
  }
}
