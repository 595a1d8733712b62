// Stores responses of named upstreams in the Cache API, which is local to a Cloudflare location.
//
// Keyspace: https://response-cache.invalid/<SHA-256 of the call in hex>, body = the response's bytes, header
// `Meta` = its URL, status, headers, what it varies by and the instant it was stored, lifetime = max-age, writer = the request
// that fetched it. On *.workers.dev the platform stores nothing: every call is a miss.
import * as v from "valibot";
import type { ResponseCache } from "../domain/calls/response-cache";
import { sha256Hex } from "../lib/sha256";

const Meta = v.object({
  url: v.string(),
  status: v.number(),
  headers: v.array(v.tuple([v.string(), v.string()])),
  redirects: v.number(),
  storedAtEpochMs: v.number(),
  varied: v.record(v.string(), v.string()),
});

/** Shared by all requests of an isolate. */
const inFlight: ResponseCache["inFlight"] = new Map();

/** The cache of this location; `keepAlive` is added for each invocation. */
export const responseCache: Omit<ResponseCache, "keepAlive"> = {
  inFlight,

  async get(key) {
    const kept = await caches.default.match(await addressOf(key));
    const meta = parseMeta(kept?.headers.get("Meta"));
    if (kept === undefined || meta === null) return null;
    const { url, status, headers, redirects, storedAtEpochMs, varied } = meta;
    const bytes = new Uint8Array(await kept.arrayBuffer());
    return {
      response: { url, status, headers: new Headers(headers), bytes, redirects },
      storedAtEpochMs,
      varied,
    };
  },

  async put(key, { response: answer, storedAtEpochMs, varied }, keepSeconds) {
    const { url, status, headers, bytes, redirects } = answer;
    const kept = [...headers].filter(([name]) => name !== "set-cookie");
    const meta = { url, status, headers: kept, redirects, storedAtEpochMs, varied };
    const response = new Response(bytes, {
      headers: {
        "Cache-Control": `max-age=${keepSeconds}`,
        Meta: encodeURIComponent(JSON.stringify(meta)),
      },
    });
    // A failed write only means that the next call is a miss.
    await caches.default.put(await addressOf(key), response).catch(() => undefined);
  },
};

async function addressOf(key: string): Promise<string> {
  return `https://response-cache.invalid/${await sha256Hex(key)}`;
}

function parseMeta(header: string | null | undefined): v.InferOutput<typeof Meta> | null {
  if (header === null || header === undefined) return null;
  try {
    return v.parse(Meta, JSON.parse(decodeURIComponent(header)));
  } catch {
    // Written by another version of the Worker.
    return null;
  }
}
