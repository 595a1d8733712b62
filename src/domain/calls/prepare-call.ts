// Turns a validated call into one that can be sent: resolves its named upstream and merges its query.
import { jsonPointer } from "../../lib/json-pointer";
import type { Fault } from "../errors";
import type { CallRequest } from "./call-request";
import { faultsOfAdditions, type FieldFault } from "./caller-additions";
import { hasTemplate } from "./templates";
import { upstreamUrl, type Upstream } from "./upstreams";

/**
 * A call ready to be sent. Its host is checked against the policy when it is sent, like that of each
 * redirect.
 */
export interface PreparedCall {
  readonly id: string;
  readonly request: CallRequest;
  readonly url: URL;
  readonly upstream: Upstream | undefined;
}

/** The named upstreams, and whether the caller may use those that are not public. */
export interface NamedUpstreams {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly hasToken: boolean;
}

/**
 * Prepares a call, or returns all of its faults.
 *
 * @param pointer JSON Pointer of the call in the body
 */
export function prepareCall(
  request: CallRequest,
  id: string,
  pointer: string,
  { upstreams, hasToken }: NamedUpstreams,
): PreparedCall | readonly Fault[] {
  if (request.url !== undefined) {
    const url = withQuery(new URL(request.url), request.query);
    return { id, request, url, upstream: undefined };
  }
  const toFault = ({ keys, detail }: FieldFault): Fault => ({
    pointer: `${pointer}${jsonPointer(keys).slice(1)}`,
    detail,
  });
  const upstream = upstreams.get(request.upstream ?? "");
  // Which names there are is the operator's own: without a token one that is not public looks like none.
  if (upstream === undefined || !(upstream.isPublic || hasToken)) {
    const detail = hasToken
      ? "UPSTREAMS has no such name"
      : "UPSTREAMS has no such name, or it is not public: send a token";
    return [toFault({ keys: ["upstream"], detail })];
  }
  const { faults, url } = judge(request, upstream);
  if (url === null || faults.length > 0) return faults.map(toFault);
  return { id, request, url: withQuery(url, request.query), upstream };
}

/** The URL of a call of an upstream, and its faults. A path that is made from results is judged when it is made. */
function judge(request: CallRequest, upstream: Upstream) {
  const isMade = hasTemplate(request);
  const faults = faultsOfAdditions(isMade ? { ...request, path: "/" } : request, upstream);
  if (!upstream.methods.includes(request.method)) {
    const detail = `The upstream is open for ${upstream.methods.join(", ")}`;
    faults.push({ keys: ["method"], detail });
  }
  const path = request.path ?? "/";
  const url = isMade
    ? URL.parse(upstream.baseUrl.href.replace(/\/$/, "") + path)
    : upstreamUrl(upstream, path);
  if (url === null)
    faults.push({ keys: ["path"], detail: "The upstream is not open for this path" });
  return { faults, url };
}

type Parameters = NonNullable<CallRequest["query"]>;

/** Parameters as application/x-www-form-urlencoded (URL standard §5.2). */
export function encodeParameters(parameters: Parameters): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) encoded.append(name, String(one));
  }
  return encoded.toString();
}

/** Adds parameters to a URL, and takes its fragment away, which is never sent. */
export function withQuery(url: URL, query: CallRequest["query"]): URL {
  const added = query === undefined ? "" : encodeParameters(query);
  // Assigning to `searchParams` would re-encode the whole query, which invalidates signed URLs.
  if (added !== "") url.search = url.search === "" ? added : `${url.search}&${added}`;
  if (url.hash !== "") url.hash = "";
  return url;
}
