// Invocations in the simulator, and what they may send.
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, it, vi } from "vitest";
import { simulate, type World } from ".";
import { installSubject, subject } from "./subject";

let world: World;
beforeEach(() => {
  installSubject(() => undefined);
  world = simulate();
});
afterEach(async () => {
  await world.end();
  vi.restoreAllMocks();
});

it("An invocation sends fifty requests, and the next one fifty more", async ({ expect }) => {
  world.answer(() => new Response("ok"));
  expect(await subject("a").send(51)).toBe(50);
  expect(await subject("a").send(50)).toBe(50);
  expect(await Promise.all([subject("a").send(51), subject("a").send(51)])).toEqual([50, 50]);
  expect(world.counts()).toMatchObject({ outgoing: 200, outgoingRefused: 3 });
});

it("A request that is one too many is told so", async ({ expect }) => {
  world.restore();
  world = simulate({ perInvocation: { outgoing: 0 } });
  const seen: unknown[] = [];
  const fetched = globalThis.fetch;
  // Not by a spy, which would outlive the world that it was made in.
  globalThis.fetch = (...args) =>
    fetched(...args).catch((error: unknown) => {
      seen.push(error);
      throw error;
    });
  expect(await subject("a").send(1)).toBe(0);
  expect(String(seen)).toBe("Error: Too many subrequests by single Worker invocation.");
});

it("The test itself sends what it likes, and answers it", async ({ expect }) => {
  await expect(fetch("https://up.example/")).rejects.toThrow("Network connection lost.");
  world.answer(async (request) => Response.json([request.url, await request.text()]));
  const response = await fetch("https://up.example/?a", { method: "POST", body: "hello" });
  expect(await response.json()).toEqual(["https://up.example/?a", "hello"]);
  for (let n = 0; n < 60; n += 1) await fetch(new URL("https://up.example/"));
  expect(world.counts().outgoing).toBe(62);
});

it("A request ends when its signal does", async ({ expect }) => {
  world.answer(() => new Promise(() => undefined));
  const controller = new AbortController();
  const sent = fetch("https://up.example/", { signal: controller.signal });
  controller.abort(new Error("Enough."));
  await expect(sent).rejects.toThrow("Enough.");
});

it("A request to the Worker is an invocation, with a budget for KV and objects", async ({
  expect,
}) => {
  world.restore();
  world = simulate({ perInvocation: { services: 0 } });
  await exports.default.fetch("https://api.example/users", {
    headers: { Authorization: "Bearer test-token" },
  });
  const { workerRequests, kvRefused, objectsRefused } = world.counts();
  expect(workerRequests).toBe(1);
  expect(kvRefused + objectsRefused).toBeGreaterThan(0);
  expect(await env.USERS.get("a")).toBeNull();
});
