import { describe, it } from "vitest";
import { inOrderOfArrival } from "../../src/lib/in-order-of-arrival";
import { settle } from "../support/fake-clock";

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const value of values) seen.push(value);
  return seen;
}

describe("inOrderOfArrival", () => {
  it("yields each value as soon as it is there", async ({ expect }) => {
    const [a, b, c] = [1, 2, 3].map(() => Promise.withResolvers<string>());
    const arrivals = inOrderOfArrival([a, b, c].map((slot) => slot?.promise ?? Promise.reject()));
    const seen: string[] = [];
    const reading = (async () => {
      for await (const value of arrivals) seen.push(value);
    })();

    c?.resolve("c");
    await settle();
    expect(seen).toEqual(["c"]);
    a?.resolve("a");
    await settle();
    expect(seen).toEqual(["c", "a"]);
    b?.resolve("b");
    await reading;
    expect(seen).toEqual(["c", "a", "b"]);
  });

  it("ends at once without promises", async ({ expect }) => {
    expect(await collect(inOrderOfArrival([]))).toEqual([]);
  });

  it("yields the same value as often as it arrives", async ({ expect }) => {
    const same = Promise.resolve(1);
    expect(await collect(inOrderOfArrival([same, same]))).toEqual([1, 1]);
  });

  it("ends with a rejection", async ({ expect }) => {
    const arrivals = inOrderOfArrival([Promise.reject(new Error("bad")), Promise.resolve(1)]);
    await expect(collect(arrivals)).rejects.toThrow("bad");
  });

  it("leaves no rejection unhandled when the reader stops early", async ({ expect }) => {
    const unhandled: unknown[] = [];
    const listen = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      unhandled.push(event.reason);
    };
    addEventListener("unhandledrejection", listen);
    const late = Promise.withResolvers<number>();
    for await (const value of inOrderOfArrival([Promise.resolve(1), late.promise])) {
      if (value === 1) break;
    }
    late.reject(new Error("late"));
    await settle();
    await settle();
    removeEventListener("unhandledrejection", listen);
    expect(unhandled).toEqual([]);
  });
});
