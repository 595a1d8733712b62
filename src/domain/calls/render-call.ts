// Makes a call that can be sent from one that waited for others, and their results.
import type { Budget } from "../json-query/budget";
import type { CallRequest } from "./call-request";
import type { CallResult } from "./call-result";
import { faultsOfAdditions } from "./caller-additions";
import { withQuery, type PreparedCall } from "./prepare-call";
import { render, TemplateError, type Rendered } from "./templates";
import { upstreamUrl, type Upstream } from "./upstreams";

/** The call with its expressions computed, or the reason why it cannot be made. */
export async function renderCall(
  call: PreparedCall,
  results: Readonly<Record<string, CallResult>>,
  queries: Budget,
): Promise<PreparedCall | { readonly detail: string }> {
  const { upstream } = call;
  const hasPaths = upstream?.hasPaths ?? false;
  try {
    const rendered = await render(call.request, results, { queries, hasPaths });
    const { request } = rendered;
    const url =
      upstream === undefined
        ? new URL(call.request.url ?? call.url)
        : upstreamUrlOf(upstream, rendered);
    return { ...call, request, url: withQuery(url, request.query) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { detail: error.message };
  }
}

/** The URL at the upstream. @throws TemplateError if that is not open for the call with its templates filled in */
function upstreamUrlOf(upstream: Upstream, { request, pathShape }: Rendered): URL {
  const [fault] = faultsOfAdditions(request, upstream);
  if (fault !== undefined) throw new TemplateError(`${fault.keys.join("/")}: ${fault.detail}`);
  const shape = upstreamUrl(upstream, pathShape ?? request.path ?? "/");
  // Encoded slashes are refused in paths that a caller writes; here each is known to be within a segment.
  const url =
    upstream.hasPaths || pathShape === undefined
      ? upstreamUrl(upstream, request.path ?? "/")
      : URL.parse(shape === null ? "" : joinPath(upstream, request));
  if (url !== null && shape !== null && segments(url) === segments(shape)) return url;
  throw new TemplateError("The upstream is not open for this path");
}

function joinPath({ baseUrl }: Upstream, { path = "/" }: CallRequest): string {
  return baseUrl.origin + baseUrl.pathname.replace(/\/$/, "") + path;
}

function segments({ pathname }: URL): number {
  return pathname.split("/").length;
}
