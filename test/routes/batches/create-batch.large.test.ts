// POST /batch-process with a JSON body so large that its items are parsed one at a time: nothing else differs.
import { afterEach, it } from "vitest";
import { readBatch, readResults } from "../../support/jobs";
import { expectProblem } from "../../support/problem";
import { restoreWorld } from "../../support/users";
import { send } from "../../support/worker";

afterEach(restoreWorld);

const encoder = new TextEncoder();
/** Texts of which some hundred make a large body. */
const long = (n: number) => `${String(n)} ${"\u0436".repeat(1000)}`;
const ITEMS = Array.from({ length: 300 }, (_, n) => long(n));

function submit(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  return send("/batch-process", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body,
  });
}

const bodyOf = (items: string, more = "") => `{"operation":"trim",${more}"items":[${items}]}`;
const json = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(",");

it("runs all items, in their order, whatever stands around them", async ({ expect }) => {
  const body = ` { "items" : [ ${json(ITEMS)} ] ,\n"options":{"max_attempts":2},"operation":"trim"}`;
  const response = await submit(body);
  expect(response.status).toBe(202);
  const { id } = await response.json<{ id: string }>();
  expect(await readBatch(id)).toMatchObject({ total: 300, succeeded: 300 });
  const { results } = await readResults(id, "?limit=1000");
  expect(results.map((result) => Reflect.get(result, "output"))).toEqual(ITEMS);
});

it.for([
  ["an item that is no JSON", bodyOf(`${json(ITEMS)},nul`)],
  ["a comma too many", bodyOf(`${json(ITEMS)},`)],
  ["something after its end", `${bodyOf(json(ITEMS))}]`],
  ["brackets that do not match", bodyOf(json(ITEMS)).replace("]}", "}}")],
] as const)("is refused for %s", async ([, body], { expect }) => {
  await expectProblem(expect, await submit(body), "malformed-json");
});

it("is refused for an item that is not UTF-8", async ({ expect }) => {
  const bytes = new Uint8Array(encoder.encode(bodyOf(json(ITEMS))));
  bytes[bytes.length - 10] = 0xff;
  const { detail } = await expectProblem(expect, await submit(bytes), "malformed-json");
  expect(detail).toContain("UTF-8");
});

it("is refused for its faults, all at once", async ({ expect }) => {
  const people = [{ name: "Ada", email: "ada@example.com" }, ...ITEMS.slice(0, 120)];
  const body = `{"operation":"users","notify":["nope"],"unknown":1,"items":[${json(people)},1e400]}`;
  const { errors } = await expectProblem(expect, await submit(body), "invalid-body");
  const pointers = errors?.map(({ pointer }) => pointer) ?? [];
  expect(pointers).toHaveLength(100);
  for (const pointer of ["#/items/121", "#/unknown", "#/notify/0", "#/items/1"])
    expect(pointers).toContain(pointer);
});

it("is refused for more items than a batch may have", async ({ expect }) => {
  const body = bodyOf(Array(100_000).fill('"abc"').join(","));
  const { errors } = await expectProblem(expect, await submit(body), "invalid-body");
  expect(errors).toMatchObject([{ pointer: "#/items" }]);
});

it("is refused for an item that no batch takes, which is not parsed", async ({ expect }) => {
  const body = bodyOf(`"a","${"\u0436".repeat(2_200_000)}"`);
  const { errors } = await expectProblem(expect, await submit(body), "invalid-body");
  expect(errors).toMatchObject([{ pointer: "#/items/1" }]);
});

it("is the same under its key however it is written", async ({ expect }) => {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  // Without the spaces it is no large body.
  const items = ITEMS.slice(0, 100);
  const first = await submit(bodyOf(`${" ".repeat(200_000)}${json(items)}`), headers);
  expect(first.status).toBe(202);
  const again = await submit(bodyOf(json(items)), headers);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
  const other = await submit(bodyOf(`${" ".repeat(200_000)}${json(items.slice(1))}`), headers);
  await expectProblem(expect, other, "idempotency-mismatch");
});
