// From what a caller wrote to a call that can be sent: named upstreams are resolved here.
import { DomainError, type Fault } from "../errors";
import type { CallRequest } from "./external-api";
import { upstreamUrl, type Upstream } from "./upstreams";

/** A call whose form is allowed. Its host is judged when it is sent, as each redirect's is. */
export interface PreparedCall {
  readonly id: string;
  readonly request: CallRequest;
  readonly url: URL;
  readonly upstream: Upstream | undefined;
}

/** What may be called by name, and whether the caller may use what is not public. */
export interface NamedUpstreams {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly hasToken: boolean;
}

/** Some servers take this method in place of the one that was sent. */
const METHOD_OVERRIDE = /^x-(?:http-)?method(?:-override)?$/i;

/**
 * Prepares a call, or says what is wrong with it.
 *
 * @param pointer where the call stands in the body, as a JSON Pointer
 * @throws DomainError `unauthorized` for an upstream that is not public when the caller has no token
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
  // Appending to searchParams would spell the whole query anew, and break signed URLs.
  if (added !== "") url.search = url.search === "" ? added : `${url.search}&${added}`;
  url.hash = "";
  return url;
}
