// Parallel retrieval: many URLs at once, drawn as a waterfall while the receipts arrive.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Client } from "../../client";
import type { CallResult, CallSummary, ExternalApiRequest } from "../../client";
import { count, formatDuration } from "../format";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { Saving } from "../parts/saving";
import type { Sent } from "../parts/sent-code";
import { Waterfall } from "../parts/waterfall";
import { useSession } from "../session";
import { toCode } from "../snippets";
import { useElapsed } from "../use-elapsed";
import { type Start, useLatest } from "../use-latest";
import { DEFAULT_OPTIONS, RetrieveForm, toRequest } from "./retrieve-form";

/** What has arrived so far. */
interface Arrived {
  readonly urls: readonly string[];
  readonly results: ReadonlyMap<string, CallResult>;
  readonly summary: CallSummary | null;
}

/** What answers under `npm start`, without any network. */
const OWN_PATHS = ["/health", "/process-data", "/openapi.json"];

/** POST /external-api by hand. */
export function Retrieve(): VNode {
  const { client } = useSession();
  const [urls, setUrls] = useState(OWN_PATHS.map((path) => location.origin + path));
  const [options, setOptions] = useState(DEFAULT_OPTIONS);
  const [sent, setSent] = useState<Sent | null>(null);
  const [{ isBusy, value, problem }, start] = useLatest<Arrived>();
  const elapsedMs = useElapsed(isBusy);

  const retrieve = (): void => {
    const asked = urls.map((url) => url.trim()).filter((url) => url !== "");
    const request = toRequest(asked, options);
    setSent(toSent(request));
    follow(start, client, request, asked);
  };
  return (
    <Panel
      title="Ask many APIs at once"
      endpoint="POST /external-api"
      about="All calls start together. One that fails never fails the others, and each comes with its receipt."
      form={
        <RetrieveForm
          urls={urls}
          options={options}
          problem={problem}
          isBusy={isBusy}
          onUrls={setUrls}
          onOptions={setOptions}
          onSubmit={retrieve}
        />
      }
      result={
        <>
          <ProblemNote problem={problem} />
          {value === null ? (
            problem === null && <p class="empty">The waterfall of the calls appears here.</p>
          ) : (
            <Arrivals arrived={value} elapsedMs={elapsedMs} />
          )}
        </>
      }
      sent={sent}
    />
  );
}

function toSent(body: ExternalApiRequest): Sent {
  const headers = { Accept: "application/x-ndjson" };
  return {
    call: { method: "POST", path: "/external-api", body, headers },
    code: `for await (const result of client.streamExternalApi(${toCode(body)})) {
  console.log(result.id, result.status, result.duration_ms);
}`,
  };
}

function follow(
  start: Start<Arrived>,
  client: Client,
  request: ExternalApiRequest,
  urls: readonly string[],
): void {
  start(async (signal, show) => {
    const results = new Map<string, CallResult>();
    show({ urls, results, summary: null });
    const receipts = client.streamExternalApi(request, { signal });
    for (;;) {
      const { done, value } = await receipts.next();
      if (done) return { urls, results, summary: value };
      results.set(value.id, value);
      show({ urls, results: new Map(results), summary: null });
    }
  });
}

function Arrivals({
  arrived: { urls, results, summary },
  elapsedMs,
}: {
  arrived: Arrived;
  elapsedMs: number;
}): VNode {
  const rows = urls.map((url, index) => ({ url, result: results.get(String(index)) ?? null }));
  const sumMs = [...results.values()].reduce((sum, { duration_ms }) => sum + duration_ms, 0);
  return (
    <section class="card" aria-label="Waterfall">
      <p role="status" class="status">
        {summary === null
          ? `${results.size} of ${count(urls.length, "call")} answered`
          : `${count(summary.total, "call")} in ${formatDuration(summary.duration_ms)}: ${summary.fulfilled} answered, ${summary.rejected} failed`}
      </p>
      <Waterfall rows={rows} elapsedMs={elapsedMs} />
      {summary !== null && <Saving sumMs={sumMs} elapsedMs={summary.duration_ms} />}
    </section>
  );
}
