// POST /external-api as a careful hand would write it: a time limit for each call, redirects followed by hand,
// bodies read up to a bound, and a receipt for each. No retries, host policy, upstreams or streams.

const MAX_CALLS = 20;
const MAX_REDIRECTS = 5;
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A response, after its redirects. */
interface Followed {
  readonly response: Response;
  readonly url: string;
  readonly redirects: number;
}

async function follow(first: string, signal: AbortSignal): Promise<Followed> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const headers = { accept: "*/*", "user-agent": "by-hand" };
    const response = await fetch(url, { headers, redirect: "manual", signal });
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return { response, url, redirects };
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) throw new Error("too-many-redirects");
    url = new URL(location, url).href;
    if (!/^https?:/.test(url)) throw new Error("host-not-allowed");
  }
}

/** The body as text, up to a bound. */
async function read(response: Response): Promise<{ text: string; bytes: number }> {
  if (response.body === null) return { text: "", bytes: 0 };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), bytes };
    bytes += value.byteLength;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw new Error("response-too-large");
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parse(text: string, type: string): { body_type: string; body: unknown } {
  if (/^application\/json\b/i.test(type)) {
    try {
      return { body_type: "json", body: JSON.parse(text) };
    } catch {
      return { body_type: "text", body: text };
    }
  }
  return { body_type: "text", body: text };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

async function call(url: string, index: number, startedAt: number): Promise<object> {
  const since = performance.now();
  const id = String(index);
  const times = (): object => ({
    attempts: 1,
    started_ms: tenths(since - startedAt),
    duration_ms: tenths(performance.now() - since),
  });
  try {
    const { response, url: last, redirects } = await follow(url, AbortSignal.timeout(TIMEOUT_MS));
    const { text, bytes } = await read(response);
    const headers = Object.fromEntries(response.headers);
    delete headers["set-cookie"];
    const { status, ok } = response;
    const body = parse(text, headers["content-type"] ?? "");
    const receipt = { id, status: "fulfilled", url: last, http_status: status, ok, headers };
    return { ...receipt, ...body, bytes, redirects, ...times() };
  } catch (error) {
    const code = error instanceof Error ? error.message : "network";
    return { id, status: "rejected", url, error: { code, detail: "" }, ...times() };
  }
}

function isUrl(value: unknown): value is string {
  return typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");
}

export default {
  async fetch(request: Request): Promise<Response> {
    const startedAt = performance.now();
    if (request.method !== "POST" || new URL(request.url).pathname !== "/external-api")
      return new Response("Not found", { status: 404 });
    const { urls }: { urls?: unknown } = await request.json();
    const isGood = Array.isArray(urls) && urls.length <= MAX_CALLS && urls.every(isUrl);
    if (!isGood) return Response.json({ code: "invalid-body" }, { status: 422 });
    const list: string[] = urls;
    const results = await Promise.all(list.map((url, index) => call(url, index, startedAt)));
    const fulfilled = results.filter((result) => "http_status" in result).length;
    const counts = { total: results.length, fulfilled, rejected: results.length - fulfilled };
    const duration_ms = tenths(performance.now() - startedAt);
    return Response.json({ policy: "settled", ...counts, duration_ms, results });
  },
};
