// The results of a batch with their input: page by page as a table, all of them as a download.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { Batch, ItemResult } from "../../client";
import { formatDuration, formatValue } from "../format";
import { useSession } from "../session";
import { usePages } from "../use-pages";
import { DownloadButton } from "./download-button";
import { Pager } from "./pager";
import { ProblemNote } from "./problem-note";

const PAGE_RESULTS = 20;

/** The results of a batch, once there are any. */
export function BatchResults({ batch }: { batch: Batch }): VNode | null {
  const { status, succeeded, failed, finished_at } = batch;
  if (succeeded + failed === 0) return null;
  const isAtRest = finished_at !== null || status === "paused";
  // Loaded when the first results exist and when the batch stops, not at each result.
  return <Results id={batch.id} stage={isAtRest ? `${status} ${succeeded} ${failed}` : "moving"} />;
}

/** Pages of results, begun anew whenever `stage` changes. */
function Results({ id, stage }: { id: string; stage: string }): VNode {
  const { client } = useSession();
  const [isFailedOnly, setFailedOnly] = useState(false);
  const read = useCallback(
    async (cursor: string | undefined, signal: AbortSignal) => {
      const query = {
        input: "true" as const,
        limit: PAGE_RESULTS,
        cursor,
        ...(isFailedOnly && { only: "failed" as const }),
      };
      const page = await client.batchById(id).resultsPage(query, { signal });
      return { items: page.results, next: page.next_cursor };
    },
    [client, id, isFailedOnly],
  );
  const { list, previous, next } = usePages<ItemResult>(read, stage);
  const path = `/batch-process/${id}/results?input=true${isFailedOnly ? "&only=failed" : ""}`;
  return (
    <section class="batch-results" aria-label="Results">
      <header class="list-head">
        <h3>Results</h3>
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
      <ProblemNote problem={list.problem} />
      {list.value !== null && <ResultTable results={list.value.items} />}
      <Pager of="the results" previous={previous} next={next} />
    </section>
  );
}

/** Shortens the receipt of a call; formats anything else as it is. */
function formatOutput(output: unknown): string {
  const { http_status, duration_ms, url }: Partial<Record<string, unknown>> = Object(output);
  return typeof http_status === "number" && typeof duration_ms === "number" && url !== undefined
    ? `${http_status} in ${formatDuration(duration_ms)} from ${formatValue(url)}`
    : formatValue(output);
}

function ResultTable({ results }: { results: readonly ItemResult[] }): VNode {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="All results">
      <table>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Status</th>
            <th scope="col">Input</th>
            <th scope="col">Output</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.index}>
              <td class="whole">{result.id ?? result.index + 1}</td>
              <td>
                <span class={`chip ${result.status === "succeeded" ? "ok" : "bad"}`}>
                  {result.status}
                </span>
              </td>
              <td class="cut" dir="auto">
                {result.input === undefined ? "" : formatValue(result.input)}
              </td>
              <td class="cut" dir="auto">
                {result.status === "succeeded" ? formatOutput(result.output) : result.error?.detail}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
