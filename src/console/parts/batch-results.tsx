// The results of a batch: the first of them as a table, all of them as a download.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Batch, CallResult, ItemResult } from "../../client";
import { formatDuration, formatValue } from "../format";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { DownloadButton } from "./download-button";

const SHOWN_RESULTS = 20;

/** Loads the first results whenever the status of the batch changes. */
export function BatchResults({
  batch: { id, status, succeeded, failed, finished_at },
}: {
  batch: Batch;
}): VNode | null {
  const { client } = useSession();
  const [isFailedOnly, setFailedOnly] = useState(false);
  const [{ value }, start] = useLatest<readonly ItemResult[]>();
  const isAtRest = finished_at !== null || status === "paused";
  // Reloads when the first results exist and when the batch stops, not at each result.
  const stage = isAtRest ? `${status} ${succeeded} ${failed}` : String(succeeded + failed > 0);
  useEffect(() => {
    if (stage === "false") return;
    start(async (signal) => {
      const only = isFailedOnly ? ({ only: "failed" } as const) : {};
      const query = { ...only, limit: SHOWN_RESULTS };
      const { results } = await client.batchById(id).resultsPage(query, { signal });
      return results;
    });
  }, [client, id, stage, isFailedOnly, start]);
  if (succeeded + failed === 0) return null;
  const path = `/batch-process/${id}/results${isFailedOnly ? "?only=failed" : ""}`;
  return (
    <section class="batch-results" aria-label="Results">
      <header class="list-head">
        <h3>
          Results{" "}
          {value?.length === SHOWN_RESULTS && <span class="hint">the first {SHOWN_RESULTS}</span>}
        </h3>
        <div class="actions">
          <label class="box">
            <input
              type="checkbox"
              checked={isFailedOnly}
              onChange={({ currentTarget }) => setFailedOnly(currentTarget.checked)}
            />
            failed only
          </label>
          <DownloadButton path={path} format="ndjson" name="results" />
          <DownloadButton path={path} format="csv" name="results" />
        </div>
      </header>
      {value !== null && <ResultTable results={value} />}
    </section>
  );
}

/** Shortens the receipt of a call; formats anything else as it is. */
function formatOutput(output: unknown): string {
  if (typeof output !== "object" || output === null || !("http_status" in output))
    return formatValue(output);
  const { http_status, duration_ms, url } = output as Extract<CallResult, { ok: boolean }>;
  return `${http_status} in ${formatDuration(duration_ms)} from ${url}`;
}

function ResultTable({ results }: { results: readonly ItemResult[] }): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="First results">
      <table>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Status</th>
            <th scope="col">Output</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.index}>
              <td class="whole">{result.index + 1}</td>
              <td>
                <span class={`chip ${result.status === "succeeded" ? "ok" : "bad"}`}>
                  {result.status}
                </span>
              </td>
              <td class="cut">
                {result.status === "succeeded" ? formatOutput(result.output) : result.error?.detail}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
