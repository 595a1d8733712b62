import { describe, it } from "vitest";
import { Semaphore } from "../../src/lib/semaphore";
import { settle } from "../support/fake-clock";

const NEVER = new AbortController().signal;

/** Asks for a slot and writes its name down when it gets it. */
function ask(semaphore: Semaphore, got: string[], name: string, signal = NEVER) {
  return semaphore.acquire(signal).then((release) => {
    got.push(name);
    return release;
  });
}

describe("Semaphore", () => {
  it("hands out its slots at once and lets the next wait", async ({ expect }) => {
    const semaphore = new Semaphore(6);
    const got: string[] = [];
    const asked = ["1", "2", "3", "4", "5", "6", "7"].map((name) => ask(semaphore, got, name));
    await settle();
    expect(got).toEqual(["1", "2", "3", "4", "5", "6"]);

    (await asked[2])?.();
    await settle();
    expect(got).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  it("serves who waits in the order of arrival", async ({ expect }) => {
    const semaphore = new Semaphore(1);
    const got: string[] = [];
    const release = await semaphore.acquire(NEVER);
    const waiting = ["a", "b", "c"].map(async (name) => (await ask(semaphore, got, name))());
    release();
    await Promise.all(waiting);
    expect(got).toEqual(["a", "b", "c"]);
  });

  it("takes a slot back once, however often it is given back", async ({ expect }) => {
    const semaphore = new Semaphore(1);
    const got: string[] = [];
    const release = await semaphore.acquire(NEVER);
    release();
    release();
    await ask(semaphore, got, "a");
    void ask(semaphore, got, "b");
    await settle();
    expect(got).toEqual(["a"]);
  });

  it("rejects who comes with an aborted signal, and keeps the slot", async ({ expect }) => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.acquire(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    await expect(semaphore.acquire(NEVER)).resolves.toBeTypeOf("function");
  });

  it("rejects who waits when the signal aborts, and passes the slot to the next", async ({
    expect,
  }) => {
    const semaphore = new Semaphore(1);
    const got: string[] = [];
    const leaver = new AbortController();
    const release = await semaphore.acquire(NEVER);
    const left = ask(semaphore, got, "leaver", leaver.signal);
    const stayed = ask(semaphore, got, "stayer");

    leaver.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    release();
    await stayed;
    expect(got).toEqual(["stayer"]);
  });

  it("does not hear a signal any more once the slot is given", async ({ expect }) => {
    const semaphore = new Semaphore(1);
    const caller = new AbortController();
    const first = await semaphore.acquire(NEVER);
    const second = semaphore.acquire(caller.signal);
    first();
    const release = await second;
    caller.abort();
    const got: string[] = [];
    void ask(semaphore, got, "third");
    await settle();
    expect(got).toEqual([]);
    release();
    await settle();
    expect(got).toEqual(["third"]);
  });
});
