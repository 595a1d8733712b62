import { afterEach, describe, it, vi } from "vitest";
import { yieldToOthers } from "../../src/runtime/yield-to-others";
import { letTimePass, restoreWorld } from "../support/users";

afterEach(restoreWorld);

/** Resolves after so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 0));
}

describe("yieldToOthers", () => {
  it("lets waiting events go first", async ({ expect }) => {
    const order: string[] = [];
    setTimeout(() => order.push("event"), 0);
    await yieldToOthers().then(() => order.push("work"));
    expect(order).toEqual(["event", "work"]);
  });

  it("lets one caller through in each turn, in order of arrival", async ({ expect }) => {
    const order: string[] = [];
    const work = async (name: string) => {
      for (const step of [1, 2]) {
        await yieldToOthers();
        order.push(`${name}${step}`);
      }
    };
    const watch = async () => {
      for (
        let turn = 0;
        turn < 40 && order.filter((entry) => entry !== "-").length < 6;
        turn += 1
      ) {
        await turns(1);
        order.push("-");
      }
    };
    await Promise.all([work("a"), work("b"), work("c"), watch()]);
    expect(order.filter((entry) => entry !== "-")).toEqual(["a1", "b1", "c1", "a2", "b2", "c2"]);
    expect(order.join("")).not.toMatch(/[a-c]\d[a-c]\d/);
  });

  it("is not held up by a caller that has gone", async ({ expect }) => {
    const timer = vi.spyOn(globalThis, "setTimeout").mockReturnValueOnce(0);
    yieldToOthers().catch(() => undefined);
    timer.mockRestore();
    let isDone = false;
    const waiting = yieldToOthers().then(() => {
      isDone = true;
    });
    await turns(3);
    expect(isDone).toBe(false);
    letTimePass(1000);
    await yieldToOthers();
    await waiting;
    expect(isDone).toBe(true);
  });
});
