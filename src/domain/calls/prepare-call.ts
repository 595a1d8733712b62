// Turns a validated call into one that can be sent: resolves its named upstream and merges its query.
import { DomainError, type Fault } from "../errors";
import type { CallRequest } from "./external-api";
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

/** Headers that make some servers use another method than the one sent. */
const METHOD_OVERRIDE = /^x-(?:http-)?method(?:-override)?$/i;

/**
 * Prepares a call, or returns its fault.
 *
 * @param pointer JSON Pointer of the call in the body
 * @throws DomainError `unauthorized` for an upstream that is not public, without a token
 */
export function prepareCall(
  request: CallRequest,
  id: string,
  pointer: string,
  { upstreams, hasToken }: NamedUpstreams,
): PreparedCall | Fault {
  if (request.url !== undefined) {
    return {
      id,
      request,
      url: withQuery(new URL(request.url), request.query),
      upstream: undefined,
    };
  }
  const fault = (key: string, detail: string) => ({ pointer: `${pointer}/${key}`, detail });
  const upstream = upstreams.get(request.upstream ?? "");
  if (upstream === undefined) return fault("upstream", "UPSTREAMS has no such name");
  if (!upstream.isPublic && !hasToken) {
    throw new DomainError("unauthorized", `The upstream "${upstream.name}" needs a token.`);
  }
  const override = Object.keys(request.headers).find((name) => METHOD_OVERRIDE.test(name));
  if (override !== undefined)
    return fault(`headers/${override}`, "It could stand for a method that is not open");
  if (!upstream.methods.includes(request.method)) {
    return fault("method", `The upstream is open for ${upstream.methods.join(", ")}`);
  }
  const url = upstreamUrl(upstream, request.path ?? "/");
  if (url === null) return fault("path", "The upstream is not open for this path");
  return { id, request, url: withQuery(url, request.query), upstream };
}

function withQuery(url: URL, query: CallRequest["query"] = {}): URL {
  const added = new URLSearchParams(query).toString();
  // Assigning to `searchParams` would re-encode the whole query, which invalidates signed URLs.
  if (added !== "") url.search = url.search === "" ? added : `${url.search}&${added}`;
  url.hash = "";
  return url;
}
