// The panel for parallel calls: shows them as a waterfall while the receipts arrive.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Client } from "../../client";
import type { CallResult, CallSummary, ExternalApiRequest } from "../../client";
import { idAt, leaderOf, toRequest, type UrlDraft } from "../call-draft";
import { describeCalls, judge, type Policy, sumOf } from "../calls";
import { count } from "../format";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { Saving } from "../parts/saving";
import { Waterfall } from "../parts/waterfall";
import { useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { useElapsed } from "../use-elapsed";
import { useFaultFocus } from "../use-fault-focus";
import { type Start, useLatest } from "../use-latest";
import { createUrl, DEFAULT_OPTIONS, RETRIEVE_FIELDS, RetrieveForm } from "./retrieve-form";

/** The receipts so far. */
interface Arrived {
  readonly policy: Policy;
  readonly rows: readonly UrlDraft[];
  readonly results: ReadonlyMap<string, CallResult>;
  readonly summary: CallSummary | null;
}

/** Paths of the Worker itself as sample URLs: they work under `npm start` without a network. */
const OWN_PATHS = ["/health", "/process-data", "/openapi.json"];

/** The form of POST /external-api and its result. */
export function Retrieve(): VNode {
  const { client } = useSession();
  const [urls, setUrls] = useState(() =>
    OWN_PATHS.map((path) => createUrl(location.origin + path)),
  );
  const [asked, setAsked] = useState<readonly UrlDraft[]>([]);
  const [options, setOptions] = useState(DEFAULT_OPTIONS);
  const [sent, setSent] = useState<Sent | null>(null);
  const [{ isBusy, value, problem }, start] = useLatest<Arrived>();
  const elapsedMs = useElapsed(isBusy);
  useFaultFocus(problem);

  const retrieve = (): void => {
    const rows = urls.filter(({ url }) => url.trim() !== "");
    const request = toRequest(rows, options);
    setAsked(rows);
    setSent(toSent(request));
    follow(start, client, request, rows);
  };
  return (
    <Panel
      title="Ask many APIs at once"
      endpoint="POST /external-api"
      about="All calls start together. One that fails never fails the others, and each comes with its receipt."
      form={
        <RetrieveForm
          urls={urls}
          asked={asked}
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
          <ProblemNote problem={problem} atFields={RETRIEVE_FIELDS} />
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
  rows: readonly UrlDraft[],
): void {
  start(async (signal, show) => {
    const results = new Map<string, CallResult>();
    const { policy = "settled" } = request;
    show({ policy, rows, results, summary: null });
    const receipts = client.streamExternalApi(request, { signal });
    for (;;) {
      const { done, value } = await receipts.next();
      if (done) return { policy, rows, results, summary: value };
      results.set(value.id, value);
      show({ policy, rows, results: new Map(results), summary: null });
    }
  });
}

function Arrivals({
  arrived: { policy, rows: asked, results, summary },
  elapsedMs,
}: {
  arrived: Arrived;
  elapsedMs: number;
}): VNode {
  const rows = asked.map((row, index) => ({
    url: row.url.trim(),
    result: results.get(idAt(index)) ?? results.get(String(index)) ?? null,
    isDependent: leaderOf(row, asked) !== null,
  }));
  const all = [...results.values()];
  const sumMs = sumOf(all);
  const verdict = summary === null ? null : judge(policy, all);
  return (
    <section class="card" aria-label="Waterfall">
      <p role="status" class="status">
        {summary === null
          ? `${results.size} of ${count(rows.length, "call")} answered`
          : describeCalls(all, summary.duration_ms)}
        {verdict !== null && (
          <span class={`verdict ${verdict.isMet ? "ok" : "bad"}`}>{verdict.text}</span>
        )}
      </p>
      <Waterfall rows={rows} elapsedMs={elapsedMs} />
      {summary !== null && sumMs > summary.duration_ms && (
        <Saving sumMs={sumMs} elapsedMs={summary.duration_ms} />
      )}
    </section>
  );
}
