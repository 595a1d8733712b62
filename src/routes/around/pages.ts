// GET /, /docs and /client.js: what the build made for people and for their pages. It lies beside the
// script and is sent through the Worker all the same, so that it keeps what every reply promises.
import * as v from "valibot";
import { ByteStream, Reply } from "../../http/reply";
import type { ReplyHeaderName } from "../../http/header-names";
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
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
export const docsRoute = assetRoute("/docs", {
  operationId: "getDocs",
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
export const clientRoute = assetRoute("/client.js", {
  operationId: "getClient",
  mediaType: "text/javascript",
  headers: ["Cross-Origin-Resource-Policy"],
  isForAnyOrigin: true,
});

/** What one file's route has of its own. */
interface AssetRoute {
  readonly operationId: string;
  readonly mediaType: string;
  readonly headers: readonly ReplyHeaderName[];
  readonly isForAnyOrigin?: boolean;
}

function assetRoute(
  path: string,
  { operationId, mediaType, isForAnyOrigin = false, ...rest }: AssetRoute,
) {
  const headers = [...CACHE_HEADERS, ...rest.headers];
  return defineRoute({
    operationId,
    method: "GET",
    path,
    access: "open",
    isFile: true,
    isForAnyOrigin,
    reply: { status: 200, schema: v.string(), mediaTypes: [mediaType], headers },
    otherReplies: [{ status: 304, headers }],
    problems: ["precondition-failed"],
    handler: async (_, { env, request }) => {
      const asset = await openAsset(env, path, (etag) => isNotModified(request.headers, { etag }));
      if (asset === null) throw new Error(`There is no ${path}; was it built?`);
      const { stream } = asset;
      return new Reply(stream ? new ByteStream(asset.mediaType, stream) : undefined, asset);
    },
  });
}
