// GET /, /docs and /client.js: what the build made for people and for their pages. It lies beside the
// script and is sent through the Worker all the same, so that it keeps what every reply promises.
import * as v from "valibot";
import type { ReplyHeaderName } from "../../reference/openapi-headers";
import { ByteStream, Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { isNotModified } from "../../http/etag";
import { openAsset } from "../../runtime/assets";

/** Of both statuses: caches keep what comes with a 304. */
const CACHE_HEADERS: readonly ReplyHeaderName[] = ["Cache-Control", "ETag"];
/** What a page may do, and who may open it. */
const PAGE_HEADERS: readonly ReplyHeaderName[] = [
  "Content-Security-Policy",
  "Cross-Origin-Opener-Policy",
  "Referrer-Policy",
];

export const consoleRoute = assetRoute("/", {
  operationId: "getConsole",
  summary: "Open the console",
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
export const docsRoute = assetRoute("/docs", {
  operationId: "getDocs",
  summary: "Open the API reference",
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
export const clientRoute = assetRoute("/client.js", {
  operationId: "getClient",
  summary: "Load the browser client, a module",
  mediaType: "text/javascript",
  headers: ["Cross-Origin-Resource-Policy"],
  isForAnyOrigin: true,
});

/** What the documentation says of a file. */
interface AssetDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly mediaType: string;
  readonly headers: readonly ReplyHeaderName[];
  readonly isForAnyOrigin?: boolean;
}

function assetRoute(
  path: string,
  { operationId, summary, mediaType, isForAnyOrigin = false, ...rest }: AssetDescription,
) {
  const headers = [...CACHE_HEADERS, ...rest.headers];
  return defineRoute({
    operationId,
    method: "GET",
    path,
    summary,
    access: "open",
    isForAnyOrigin,
    reply: { status: 200, schema: v.string(), mediaTypes: [mediaType], headers },
    otherReplies: [{ status: 304, description: "You have it.", headers }],
    problems: [],
    handler: async (_, { env, request }) => {
      const asset = await openAsset(env, path, (tag) => isNotModified(request.headers, tag));
      if (asset === null) throw new Error(`There is no ${path}; was it built?`);
      const { stream } = asset;
      return new Reply(stream ? new ByteStream(asset.mediaType, stream) : undefined, asset);
    },
  });
}
