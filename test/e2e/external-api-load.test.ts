// Calls of POST /external-api all at once, and the limits that it keeps: requests, and bytes. How long it takes is for the benchmark.
import { afterAll, beforeAll, it } from "vitest";

import { post, refusal, retrieve } from "../support/node/external-api";
import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

const MEBIBYTE = 1024 * 1024;
/** Bytes of memory that reading 20 bodies of 1 MiB at once may take, garbage included. */
const MEMORY_GROWTH_BYTES = 128 * MEBIBYTE;
/** Beyond 1 MiB: what the two sockets' buffers take before the sender is held back. */
const SOCKET_BYTES = 15 * MEBIBYTE;

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  [server, upstreams] = await Promise.all([startWorker(), startUpstreams()]);
});
afterAll(() => Promise.all([server.stop(), upstreams.close()]));

/** As long as anyone may ask to wait: a call that must not end by its timeout. */
const PATIENT = { timeout_ms: 60_000, retries: 0 };

/** The same call so many times. */
function times<T>(count: number, call: T): T[] {
  return Array.from({ length: count }, () => call);
}

it("makes twenty calls at once", async ({ expect }) => {
  const counted = await startUpstreams();
  // None of twenty is answered before all have arrived.
  const url = counted.url("/when?n=20&key=together");
  const requests = Array.from({ length: 20 }, () => ({ ...PATIENT, url }));

  const reply = await retrieve(server.origin, { requests, timeout_ms: PATIENT.timeout_ms });
  await counted.close();

  expect(reply).toMatchObject({ total: 20, fulfilled: 20, ok: 20, policy_met: true });
  expect(reply.results.map(({ id }) => id)).toEqual(requests.map((_, n) => String(n)));
  expect(counted.maxInFlight()).toBe(20);
});

it("lets hosts that hang hold up nobody", async ({ expect }) => {
  const hanging = {
    ...PATIENT,
    url: upstreams.url("/when?of=never&key=hanging"),
    timeout_ms: 1500,
  };
  const good = { ...PATIENT, url: upstreams.url("/when?of=go&key=good") };
  const requests = [...times(18, hanging), good, good];

  const all = retrieve(server.origin, { requests });
  await expect.poll(() => upstreams.hits("hanging") + upstreams.hits("good")).toBe(20);
  upstreams.release("go");

  const { results } = await all;
  expect(results.slice(0, 18).map((result) => "error" in result && result.error.code)).toEqual(
    Array(18).fill("timeout"),
  );
  expect(results.slice(18)).toMatchObject([{ ok: true }, { ok: true }]);
});

it("sends 45 requests for one request and no more, in however many invocations", async ({
  expect,
}) => {
  const urls = Array.from({ length: 20 }, () => upstreams.url("/chain?left=2&key=chained"));

  const { results } = await retrieve(server.origin, { urls });

  const codes = results.map((result) => ("error" in result ? result.error.code : "ok"));
  expect(new Set(codes)).toEqual(new Set(["ok", "subrequest-limit"]));
  const chained = upstreams.requests.filter(({ path }) => path.startsWith("/chain"));
  expect(chained).toHaveLength(45);
});

it("cancels the calls of all invocations with the first ok answer", async ({ expect }) => {
  const held = { ...PATIENT, url: upstreams.url("/when?of=never&key=losing") };
  const won = { ...PATIENT, url: upstreams.url("/when?of=losing&n=19&key=winning") };
  const requests = [...times(19, held), won];

  const { results } = await retrieve(server.origin, { requests, policy: "any" });

  expect(results.filter(({ status }) => status === "fulfilled")).toMatchObject([{ id: "19" }]);
  expect(results.slice(0, 19).map((result) => "error" in result && result.error.code)).toEqual(
    Array(19).fill("cancelled"),
  );
  await expect.poll(() => upstreams.abandoned("losing")).toBe(19);
});

// What stands between caller and Worker here passes on that the caller has left only when the Worker writes the next
// time: some calls in each invocation are answered afterwards, one by one.
it("cancels the calls of all invocations when the caller of a stream leaves", async ({
  expect,
}) => {
  const requests = Array.from({ length: 20 }, (_, n) => {
    const path = n % 4 === 3 ? `/when?of=write&n=${String(n)}` : "/when?of=never&key=left-behind";
    return { ...PATIENT, url: upstreams.url(n === 0 ? "/echo" : path) };
  });
  const leaving = new AbortController();
  const headers = { accept: "application/x-ndjson" };
  const body = { requests, timeout_ms: PATIENT.timeout_ms };
  const response = await post(server.origin, body, headers, leaving.signal);
  await expect.poll(() => upstreams.hits("left-behind")).toBe(14);
  leaving.abort();
  await response.body?.cancel().catch(() => undefined);
  const abandoned = (): number => {
    upstreams.release("write");
    return upstreams.abandoned("left-behind");
  };
  // Each would end at its timeout in any case, only later than this.
  await expect.poll(abandoned, { timeout: 50_000 }).toBe(14);
});

it("answers the policy all as soon as one call is not ok", async ({ expect }) => {
  const held = { ...PATIENT, url: upstreams.url("/when?of=never&key=pointless") };
  const bad = { ...PATIENT, url: upstreams.url("/fail?status=404") };
  const requests = [...times(9, held), bad];

  const problem = await refusal(server.origin, { requests, policy: "all" });

  expect(problem).toMatchObject({ status: 502, code: "upstream-failed" });
  expect(problem.results?.[9]).toMatchObject({ http_status: 404, ok: false });
  expect(problem.results?.[0]).toMatchObject({ error: { code: "cancelled" } });
});

it("does not let one caller's calls hold up another's", async ({ expect }) => {
  const held = { ...PATIENT, url: upstreams.url("/when?of=other&key=held") };
  const slow = retrieve(server.origin, {
    requests: Array.from({ length: 20 }, () => held),
    timeout_ms: PATIENT.timeout_ms,
  });
  await expect.poll(() => upstreams.hits("held")).toBe(20);

  const other = await retrieve(server.origin, { urls: [upstreams.url("/echo?key=other")] });

  expect(other).toMatchObject({ fulfilled: 1 });
  expect(await slow).toMatchObject({ fulfilled: 20 });
});

it.for(["/endless", "/huge", "/gzip-bomb"])(
  "cuts 20 responses of %s at 1 MiB each and stays small",
  async (path, { expect }) => {
    const url = upstreams.url(`${path}?key=${path}`);
    const urls = Array.from({ length: 20 }, () => url);
    const before = server.peakMemoryBytes();

    const { results } = await retrieve(server.origin, { urls });

    expect(results.map((result) => "error" in result && result.error.code)).toEqual(
      Array(20).fill("response-too-large"),
    );
    expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
    expect(upstreams.hits(path)).toBe(20);
    expect(upstreams.sentBytes(path)).toBeLessThan(20 * (MEBIBYTE + SOCKET_BYTES));
  },
);

it("closes the connection of every upstream that sends without end", async ({ expect }) => {
  const urls = Array.from({ length: 20 }, () => upstreams.url("/endless?key=closed"));

  await retrieve(server.origin, { urls });

  await expect.poll(() => upstreams.abandoned("closed")).toBe(20);
});
