// Calls of one request on the platform as it really is: what each invocation may send, and has in the air.
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, it, vi } from "vitest";
import { Calls } from "../../../src/worker";
import { json } from "../../support/fake-calls";
import { post } from "../../support/worker";

/** One invocation: the requests that it waits for, now and at most. */
interface Invocation {
  waiting: number;
  most: number;
  sent: number;
}

const running = new AsyncLocalStorage<Invocation>();
let invocations: Invocation[];
/** Lets all requests be answered that were sent so far. */
let answer: PromiseWithResolvers<void>;

function start<T>(run: () => T): T {
  const invocation = { waiting: 0, most: 0, sent: 0 };
  invocations.push(invocation);
  return running.run(invocation, run);
}

beforeEach(() => {
  invocations = [];
  answer = Promise.withResolvers();
  // oxlint-disable-next-line typescript/unbound-method -- is called with its object
  const { run } = Calls.prototype;
  vi.spyOn(Calls.prototype, "run").mockImplementation(function (this: Calls, ...args) {
    return start(() => Reflect.apply(run, this, args));
  });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const invocation = running.getStore() ?? { waiting: 0, most: 0, sent: 0 };
    invocation.sent += 1;
    invocation.waiting += 1;
    invocation.most = Math.max(invocation.most, invocation.waiting);
    await answer.promise;
    invocation.waiting -= 1;
    const { pathname } = new URL(new Request(input).url);
    const left = Number(pathname.slice(1));
    const headers = { Location: `/${left - 1}` };
    return left > 0 ? new Response(null, { status: 302, headers }) : json({ pathname });
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

it("Twenty calls are in the air at once, six in one invocation at most", async ({ expect }) => {
  const urls = Array.from({ length: 20 }, (_, n) => `https://a${n}.example/0`);
  const reply = start(() => post("/external-api", { urls }));
  await vi.waitFor(() => expect(invocations.map(({ waiting }) => waiting)).toEqual([6, 6, 6, 2]));
  answer.resolve();
  expect(await (await reply).json()).toMatchObject({ ok: 20 });
  expect(invocations.map(({ most }) => most)).toEqual([6, 6, 6, 2]);
});

it("All invocations of a request send 45 requests together", async ({ expect }) => {
  answer.resolve();
  const urls = Array.from({ length: 20 }, (_, n) => `https://a${n}.example/3`);
  const response = await start(() => post("/external-api", { urls }));
  const { results } = await response.json<{ results: { error?: { code: string } }[] }>();
  const codes = new Set(results.map(({ error }) => error?.code ?? "ok"));
  expect([...codes].filter((code) => code !== "ok")).toEqual(["subrequest-limit"]);
  expect(invocations.reduce((sum, { sent }) => sum + sent, 0)).toBe(45);
});

it("SUBREQUESTS raises what they may send", async ({ expect }) => {
  answer.resolve();
  const urls = Array.from({ length: 20 }, (_, n) => `https://a${n}.example/3`);
  const response = await start(() => post("/external-api", { urls }, {}, { SUBREQUESTS: "80" }));
  expect(await response.json()).toMatchObject({ ok: 20 });
  expect(invocations.reduce((sum, { sent }) => sum + sent, 0)).toBe(80);
});
