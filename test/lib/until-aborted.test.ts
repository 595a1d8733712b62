import { describe, it } from "vitest";
import { untilAborted } from "../../src/lib/until-aborted";

describe("untilAborted", () => {
  it("settles like the work", async ({ expect }) => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error("bad")), signal)).rejects.toThrow("bad");
  });

  it("rejects with the signal's reason while the work goes on", async ({ expect }) => {
    const deadline = new AbortController();
    const result = untilAborted(Promise.withResolvers<never>().promise, deadline.signal);
    deadline.abort(new Error("too late"));
    await expect(result).rejects.toThrow("too late");
  });
});
