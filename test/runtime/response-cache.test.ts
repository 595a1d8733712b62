import { describe, it } from "vitest";
import type { KeptResponse } from "../../src/domain/calls/cacheable";
import type { OutgoingResponse } from "../../src/domain/outgoing/outgoing-fetch";
import { responseCache } from "../../src/runtime/response-cache";

function response(parts: Partial<OutgoingResponse> = {}): OutgoingResponse {
  return {
    url: "https://up.example/a?b=ü",
    status: 203,
    headers: new Headers({ "Content-Type": "text/plain", "X-Name": 'value, "quoted"' }),
    bytes: new Uint8Array([0, 1, 0xff]),
    redirects: 2,
    ...parts,
  };
}

/** What is kept of it. */
function kept(parts: Partial<OutgoingResponse> = {}): KeptResponse {
  return {
    response: response(parts),
    storedAtEpochMs: 1_700_000_000_000,
    varied: { accept: "a/b" },
  };
}

/** The cache's key for a call. */
async function addressOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  const bytes = [...new Uint8Array(digest)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `https://response-cache.invalid/${hex}`;
}

describe("responseCache", () => {
  it("returns what was put, when, and what it varies by", async ({ expect }) => {
    await responseCache.put("whole", kept(), 60);
    const found = await responseCache.get("whole");
    expect(found?.response).toMatchObject({ url: response().url, status: 203, redirects: 2 });
    expect([...(found?.response.headers ?? [])]).toEqual([...response().headers]);
    expect([...(found?.response.bytes ?? [])]).toEqual([0, 1, 0xff]);
    expect(found).toMatchObject({ storedAtEpochMs: kept().storedAtEpochMs, varied: kept().varied });
  });

  it("has nothing under another key", async ({ expect }) => {
    await responseCache.put("one", kept(), 60);
    expect(await responseCache.get("One")).toBeNull();
  });

  it("replaces what was put before", async ({ expect }) => {
    await responseCache.put("again", kept(), 60);
    await responseCache.put("again", kept({ status: 200 }), 60);
    expect((await responseCache.get("again"))?.response.status).toBe(200);
  });

  it("keeps an empty body, and one of a MiB", async ({ expect }) => {
    for (const bytes of [new Uint8Array(), new Uint8Array(1024 * 1024).fill(7)]) {
      await responseCache.put("size", kept({ bytes }), 60);
      expect((await responseCache.get("size"))?.response.bytes).toEqual(bytes);
    }
  });

  it("keeps no cookies", async ({ expect }) => {
    const headers = new Headers({ "Set-Cookie": "session=1", "X-A": "1" });
    await responseCache.put("cookies", kept({ headers }), 60);
    const found = await responseCache.get("cookies");
    expect([...(found?.response.headers ?? [])]).toEqual([["x-a", "1"]]);
  });

  it("lets the platform drop an entry when its time is over", async ({ expect }) => {
    await responseCache.put("lifetime", kept(), 90);
    const found = await caches.default.match(await addressOf("lifetime"));
    expect(found?.headers.get("Cache-Control")).toBe("max-age=90");
    await found?.arrayBuffer();
  });

  it.for([
    "",
    "not json",
    "%",
    encodeURIComponent("{}"),
    encodeURIComponent('{"url":"https://up.example/"}'),
  ])(
    "takes an entry it cannot read (%j), as another version may have left, for none",
    async (meta, { expect }) => {
      const headers = { "Cache-Control": "max-age=60", Meta: meta };
      await caches.default.put(await addressOf(`odd ${meta}`), new Response("x", { headers }));
      expect(await responseCache.get(`odd ${meta}`)).toBeNull();
    },
  );
});
