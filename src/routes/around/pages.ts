// GET /, /docs, /client.js, /favicon.ico and /robots.txt: files that the build made for browsers. They are assets, but sent through the
// Worker, so that they have the headers of every reply.
import * as v from "valibot";
import { Bytes, Reply } from "../../http/reply";
import type { ReplyHeaderName } from "../../http/header-names";
import { defineRoute } from "../../http/route";
import { isNotModified } from "../../http/etag";
import { openAsset } from "../../runtime/assets";

/** Headers of both 200 and 304: a cache stores those that come with a 304. */
const CACHE_HEADERS: readonly ReplyHeaderName[] = ["Cache-Control", "ETag"];
/** Headers that restrict a page and its openers. */
const PAGE_HEADERS: readonly ReplyHeaderName[] = [
  "Content-Security-Policy",
  "Cross-Origin-Opener-Policy",
  "Referrer-Policy",
];

/** The console. */
export const consoleRoute = assetRoute("/", {
  operationId: "getConsole",
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
/** The documentation. */
export const docsRoute = assetRoute("/docs", {
  operationId: "getDocs",
  mediaType: "text/html",
  headers: PAGE_HEADERS,
});
/** The browser client as one module. */
export const clientRoute = assetRoute("/client.js", {
  operationId: "getClient",
  mediaType: "text/javascript",
  headers: ["Cross-Origin-Resource-Policy"],
  isForAnyOrigin: true,
});

/** The icon that browsers ask for, whatever the page says. */
export const iconRoute = assetRoute("/favicon.ico", {
  operationId: "getIcon",
  mediaType: "image/vnd.microsoft.icon",
  headers: [],
});
/** The file that tells crawlers which paths to leave alone. */
export const robotsRoute = assetRoute("/robots.txt", {
  operationId: "getRobots",
  mediaType: "text/plain",
  headers: [],
});

/** The parts in which the routes of files differ. */
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
      return new Reply(stream ? new Bytes(asset.mediaType, stream) : undefined, asset);
    },
  });
}
