// Idempotency-Key: whose a key is, and which requests are the same.
import * as v from "valibot";
import { afterEach, beforeEach, describe, it } from "vitest";
import { expectProblem } from "../support/problem";
import { fakeDns, restoreWorld } from "../support/users";
import { AUTHORIZATION, post, send } from "../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

const REPLAYED = "Idempotency-Replayed";
const HOME = { "CF-Connecting-IP": "192.0.2.1" };
const AWAY = { "CF-Connecting-IP": "198.51.100.1" };

let count = 0;
function freshDigits(length: number): string {
  count += 1;
  return `${count}`.padStart(length, "0");
}

function file(key: string, headers: Record<string, string>, vars = {}) {
  return post("/tasks", { title: "Call Ada" }, { "Idempotency-Key": key, ...headers }, vars);
}

/** Whether a request finds the reply of the same one from elsewhere. */
async function isFound(key: string, first = HOME, again = AWAY): Promise<boolean> {
  await file(key, first);
  const { status, headers } = await file(key, again);
  return status === 201 && headers.has(REPLAYED);
}

describe("a key", () => {
  it.for([
    ["a UUIDv4", () => crypto.randomUUID()],
    ["a UUIDv4 in capitals, quoted", () => `"${crypto.randomUUID().toUpperCase()}"`],
    ["22 base64url characters", () => `${freshDigits(20)}_Z`],
    ["32 hexadecimal characters", () => freshDigits(32)],
  ] as const)("of %s finds its reply from another network", async ([, make], { expect }) => {
    expect(await isFound(make())).toBe(true);
  });

  it.for([
    ["a number", () => freshDigits(4)],
    ["21 base64url characters", () => `${freshDigits(19)}_Z`],
    ["31 hexadecimal characters", () => freshDigits(31)],
    ["a UUID that tells the time", () => `0190f5ac-7a5c-7c3e-8a3a-${freshDigits(12)}`],
    ["words", () => `"task ${freshDigits(30)}"`],
  ] as const)("of %s is the address's", async ([, make], { expect }) => {
    expect(await isFound(make())).toBe(false);
    expect(await isFound(make(), HOME, HOME)).toBe(true);
  });

  it("of a holder of a token is never another caller's", async ({ expect }) => {
    const key = crypto.randomUUID();
    const second = { Authorization: "Bearer second-token" };
    for (const caller of [AUTHORIZATION, second, HOME]) {
      const response = await file(key, caller);
      expect([response.status, response.headers.has(REPLAYED)]).toEqual([201, false]);
    }
  });

  it("stays its holder's while one token replaces another", async ({ expect }) => {
    const key = freshDigits(4);
    const vars = { API_TOKENS: "site:old-one, site:new-one, ops:other-one" };
    const by = (token: string) => file(key, { Authorization: `Bearer ${token}` }, vars);
    expect((await by("old-one")).headers.has(REPLAYED)).toBe(false);
    expect((await by("new-one")).headers.has(REPLAYED)).toBe(true);
    expect((await by("other-one")).headers.has(REPLAYED)).toBe(false);
  });

  it("is another one on another path", async ({ expect }) => {
    const key = crypto.randomUUID();
    await file(key, HOME);
    const batch = { operation: "uppercase", items: ["a"] };
    const response = await post("/batch-process", batch, { "Idempotency-Key": key });
    expect([response.status, response.headers.has(REPLAYED)]).toEqual([202, false]);
  });
});

describe("a request", () => {
  /** Sends two bodies under one key. */
  async function pair(path: string, bodies: readonly string[], type = "application/json") {
    const headers = { "Idempotency-Key": crypto.randomUUID(), "Content-Type": type };
    const replies: Response[] = [];
    for (const body of bodies) replies.push(await send(path, { method: "POST", headers, body }));
    return replies;
  }

  it.for([
    [
      "/tasks",
      '{"title":"x","metadata":{"a":{"b":1,"c":[2]}}}',
      ' {"metadata":{"a":{"c":[2],"b":1}},\n"title":"x"}\r\n',
    ],
    ["/tasks", '{"title":"x"}', '{"title":"\\u0078"}'],
    [
      "/batch-process",
      '{"operation":{"name":"pick","fields":["a"]},"items":[{"a":1,"b":2}]}',
      '{"items":[{"b":2,"a":1}],"operation":{"fields":["a"],"name":"pick"}}',
    ],
  ] as const)(
    "to %s is the same whatever its order and spaces",
    async ([path, ...bodies], { expect }) => {
      const [first, again] = await pair(path, bodies);
      expect(again?.headers.has(REPLAYED)).toBe(true);
      expect(await again?.text()).toBe(await first?.text());
    },
  );

  it.for([
    ["/tasks", '{"title":"x","metadata":{"a":[1,2]}}', '{"title":"x","metadata":{"a":[2,1]}}'],
    ["/tasks", '{"title":"x","metadata":{"a":1}}', '{"title":"x","metadata":{"a":"1"}}'],
    [
      "/batch-process",
      '{"operation":"uppercase","items":["a","b"]}',
      '{"operation":"uppercase","items":["b","a"]}',
    ],
  ] as const)(
    "to %s is another where it means something else",
    async ([path, ...bodies], { expect }) => {
      const [, again] = await pair(path, bodies);
      if (again !== undefined) await expectProblem(expect, again, "idempotency-mismatch");
    },
  );

  it("in lines is the same by its bytes and its parameters", async ({ expect }) => {
    const path = "/batch-process?operation=uppercase";
    const lines = "application/x-ndjson";
    const [, again] = await pair(path, ['"a"\n"b"', '"a"\n"b"'], lines);
    expect(again?.headers.has(REPLAYED)).toBe(true);
    const [, other] = await pair(path, ['"a"\n"b"', '"a"\n "b"'], lines);
    if (other !== undefined) await expectProblem(expect, other, "idempotency-mismatch");
  });
});

it("A kept reply goes with the batch that it tells of", async ({ expect }) => {
  const headers = { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=20" };
  const batch = { operation: "uppercase", items: ["secret text"] };
  const first = await post("/batch-process", batch, headers);
  const { id } = v.parse(v.object({ id: v.string() }), await first.json());
  expect((await post("/batch-process", batch, headers)).headers.has(REPLAYED)).toBe(true);
  expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
  await expectProblem(expect, await post("/batch-process", batch, headers), "gone");
});
