// The receipt of a call: its final URL, headers and body.
import type { VNode } from "preact";
import type { CallResult } from "../../client";
import { count, formatBlock, formatDuration, formatNumber } from "../format";

/** The receipt of a call in full. */
export function Receipt({ result }: { result: CallResult }): VNode {
  return (
    <div class="receipt">
      <dl>
        <Item term="URL" value={result.url} />
        {result.status === "rejected" && <Item term="Why" value={result.error.detail} />}
        <Item term="Attempts" value={String(result.attempts)} />
        <Item
          term="Time"
          value={`${formatDuration(result.duration_ms)}, from ${formatDuration(result.started_ms)} on`}
        />
        {result.status === "fulfilled" && (
          <>
            <Item term="Size" value={`${formatNumber(result.bytes)} bytes`} />
            {result.redirects > 0 && (
              <Item term="Redirects" value={count(result.redirects, "redirect")} />
            )}
            {result.cache !== undefined && <Item term="Cache" value={result.cache} />}
            <Item term="Type" value={result.headers["content-type"] ?? "none"} />
          </>
        )}
        {result.fallback_used === true && <Item term="Fallback" value="used" />}
      </dl>
      {result.body !== undefined && (
        <pre tabIndex={0} role="region" aria-label={`Body of ${result.url}`}>
          {formatBlock(result.body)}
        </pre>
      )}
    </div>
  );
}

function Item({ term, value }: { term: string; value: string }): VNode {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}
