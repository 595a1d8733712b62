// The calls of the form, as the body of POST /external-api.
import type { ExternalApiRequest } from "../client";
import type { Policy } from "./calls";

/** A row for one URL. */
export interface UrlDraft {
  /** Identifies the row for rendering, whatever it contains. */
  readonly key: number;
  readonly url: string;
  /** The key of the row whose call this one waits for; null to start at once. */
  readonly after: number | null;
}

/** Options for all calls; an empty text leaves the default to the Worker. */
export interface RetrieveOptions {
  readonly policy: Policy;
  readonly timeoutMs: string;
  readonly retries: string;
  readonly select: string;
}

type CallRequest = NonNullable<ExternalApiRequest["requests"]>[number];

/** The id of the call at this place; calls refer to each other by it. */
export function idAt(index: number): string {
  return `call${index + 1}`;
}

/** The place of the row that a row waits for; null for none, or for one that is not sent. */
export function leaderOf(row: UrlDraft, rows: readonly UrlDraft[]): number | null {
  const index = rows.findIndex(({ key }) => key === row.after);
  return index === -1 ? null : index;
}

/** The request of the form: the short form with `urls` if that is enough. */
export function toRequest(rows: readonly UrlDraft[], options: RetrieveOptions): ExternalApiRequest {
  const { policy, timeoutMs, retries, select } = options;
  const each = {
    ...(timeoutMs !== "" && { timeout_ms: Number(timeoutMs) }),
    ...(retries !== "" && { retries: Number(retries) }),
    ...(select !== "" && { select }),
  };
  const isShort =
    Object.keys(each).length === 0 && rows.every((row) => leaderOf(row, rows) === null);
  return {
    ...(isShort
      ? { urls: rows.map(({ url }) => url.trim()) }
      : { requests: rows.map((row, index) => toCall(row, index, rows, each)) }),
    ...(policy !== "settled" && { policy }),
  };
}

function toCall(
  row: UrlDraft,
  index: number,
  rows: readonly UrlDraft[],
  each: Partial<CallRequest>,
): CallRequest {
  const leader = leaderOf(row, rows);
  const url = row.url.trim();
  const call = { id: idAt(index), ...each };
  if (leader === null) return { ...call, url };
  return { ...call, after: [idAt(leader)], ...withExpressions(url) };
}

/** Parameters of the query, of which an expression is one whatever is in it. */
const PARAMETER = /([^=&]+)=((?:\{\{.*?\}\}|[^&])*)/g;

/** A URL whose query has expressions: they are computed in `query`, and nowhere in `url`. */
function withExpressions(url: string): Pick<CallRequest, "url" | "query"> {
  const at = url.indexOf("?");
  if (at === -1 || !url.includes("{{", at)) return { url };
  const [rest, query]: [string[], Record<string, string>] = [[], {}];
  for (const [parameter, name = "", value = ""] of url.slice(at + 1).matchAll(PARAMETER)) {
    if (value.includes("{{")) query[name] = value;
    else rest.push(parameter);
  }
  return { url: url.slice(0, at) + (rest.length > 0 ? `?${rest.join("&")}` : ""), query };
}
