// Calls of objects in the simulator: how they fail, and what they count.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
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

/** The properties by which callers judge an error. */
async function marksOf(call: Promise<unknown>): Promise<object> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof Error ? Object.assign({ message: error.message }, error) : {};
}

const RESTARTED = { message: "Network connection lost.", retryable: true };
const RESET = {
  message: "Durable Object reset because its code was updated.",
  durableObjectReset: true,
};

describe("a call", () => {
  it("fails before it takes effect when the object restarts, and so does its stub", async ({
    expect,
  }) => {
    const stub = subject("a");
    await stub.keep("1");
    world.objects.fail({ how: "restart", binding: "JOBS", method: "keep" });
    expect(await marksOf(stub.keep("2"))).toEqual(RESTARTED);
    expect(await marksOf(stub.kept())).toEqual(RESTARTED);
    expect(await subject("a").kept()).toEqual(["1"]);
    expect(await subject("a").remembered()).toBe(0);
  });

  it("takes effect although its reply is lost, and its stub stays broken", async ({ expect }) => {
    world.objects.fail({ how: "reply-lost", name: "a" });
    const stub = subject("a");
    expect(await marksOf(stub.keep("1"))).toEqual(RESET);
    expect(await marksOf(stub.kept())).toEqual(RESET);
    expect(await subject("a").kept()).toEqual(["1"]);
    expect(await subject("a").remembered()).toBe(0);
  });

  it("is refused by an object with too much to do, which goes on", async ({ expect }) => {
    const stub = subject("a");
    await stub.keep("1");
    const fault = world.objects.fail({ how: "overloaded", times: Infinity });
    expect(await marksOf(stub.keep("2"))).toMatchObject({ overloaded: true, retryable: true });
    expect(await marksOf(stub.keep("2"))).toMatchObject({ overloaded: true });
    fault.end();
    expect(await stub.kept()).toEqual(["1"]);
    expect(await stub.remembered()).toBe(1);
  });

  it("is refused without a mark once the day's requests are used up, until 00:00 UTC", async ({
    expect,
  }) => {
    await subject("a").keep("1");
    world.spend("objectRequests");
    const message = "Exceeded allowed volume of requests in Durable Objects free tier.";
    expect(await marksOf(subject("a").kept())).toEqual({ message });
    world.jumpToMidnight();
    expect(await subject("a").kept()).toEqual(["1"]);
    expect(world.counts()).toMatchObject({ objectRequests: 2, objectsRefused: 1 });
  });

  it("counts for the day's requests of all bindings", async ({ expect }) => {
    world.restore();
    world = simulate({ perDay: { objectRequests: 3 } });
    for (let n = 0; n < 3; n += 1) await subject(`${n}`).keep("1");
    expect(await marksOf(subject("0").kept())).toHaveProperty("message");
    expect(world.counts("JOBS").objectRequests).toBe(3);
    expect(world.counts("USERS").objectRequests).toBe(0);
  });
});

describe("which call fails", () => {
  it("is the nth that matches, as often as said", async ({ expect }) => {
    const fault = world.objects.fail({ how: "overloaded", method: "keep", nth: 2, times: 2 });
    const ends: string[] = [];
    for (const text of ["1", "2", "3", "4"]) {
      await subject("a").kept();
      ends.push(
        await subject("a")
          .keep(text)
          .then(
            () => "kept",
            () => "refused",
          ),
      );
    }
    expect(ends).toEqual(["kept", "refused", "refused", "kept"]);
    expect(fault.struck).toBe(2);
  });

  it("can be each one of a flow in turn, until there is none left", async ({ expect }) => {
    const flow = async () => {
      for (const name of ["a", "b"]) await subject(name).keep("1");
    };
    const ends: unknown[] = [];
    for (let nth = 1; ; nth += 1) {
      const fault = world.objects.fail({ how: "reply-lost", nth });
      ends.push(await marksOf(flow()));
      if (fault.struck === 0) break;
    }
    expect(ends).toEqual([RESET, RESET, {}]);
    expect(world.objects.calls().map(({ name }) => name)).toEqual(["a", "a", "b", "a", "b"]);
  });

  it("is none that a test makes behind the scenes", async ({ expect }) => {
    const stub = env.JOBS.getByName("a");
    await subject("a").keep("1");
    world.objects.fail({ how: "restart", times: Infinity });
    expect(await runInDurableObject(stub, (_, { id }) => id.name)).toBe("a");
    await evictDurableObject(stub);
    expect(world.counts().objectRequests).toBe(1);
  });

  it("can be a request by fetch", async ({ expect }) => {
    world.objects.fail({ how: "overloaded", method: "fetch" });
    const call = env.JOBS.getByName("a").fetch("https://object/");
    expect(await marksOf(call)).toMatchObject({ overloaded: true });
  });
});

it("An object that is restarted keeps what it stored and forgets the rest", async ({ expect }) => {
  await subject("a").keep("1");
  await subject("b").keep("1");
  await world.objects.restart("JOBS", "a");
  expect(await subject("a").remembered()).toBe(0);
  expect(await subject("a").kept()).toEqual(["1"]);
  expect(await subject("b").remembered()).toBe(1);
});

it("The local platform is back afterwards", async ({ expect }) => {
  world.objects.fail({ how: "overloaded", times: Infinity });
  world.restore();
  expect(await subject("a").keep("1")).toEqual(["1"]);
  expect(Object.getOwnPropertyNames(env.JOBS)).toEqual([]);
  expect(Object.getOwnPropertyNames(env.USERS)).toEqual([]);
});
