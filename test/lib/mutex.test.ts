import { it } from "vitest";
import { Mutex } from "../../src/lib/mutex";

it("runs one step at a time, in order of asking", async ({ expect }) => {
  const mutex = new Mutex();
  const log: string[] = [];
  const step = (name: string, turns: number) => async () => {
    log.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    log.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([
    mutex.run(step("a", 5)),
    mutex.run(step("b", 1)),
    mutex.run(step("c", 0)),
  ]);
  expect(results).toEqual(["a", "b", "c"]);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

it("goes on after a step that failed, and tells only its asker", async ({ expect }) => {
  const mutex = new Mutex();
  const failed = mutex.run(() => Promise.reject(new Error("no")));
  const after = mutex.run(async () => "yes");
  await expect(failed).rejects.toThrow("no");
  expect(await after).toBe("yes");
  expect(await mutex.run(async () => "again")).toBe("again");
});
