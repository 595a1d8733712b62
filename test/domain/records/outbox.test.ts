// The outbox beside other work of its process.
import { it } from "vitest";
import { carryOut, type OutboxStore, type Publication } from "../../../src/domain/records/outbox";

const nothing = () => undefined;

it("Others get a turn after each round of copies, also where KV never keeps anybody waiting", async ({
  expect,
}) => {
  let waiting: readonly Publication[] = Array.from({ length: 25 }, (_, n) => ({
    recordId: String(n),
    mark: 0,
    seq: null,
    record: null,
  }));
  const store: OutboxStore = {
    dueEffects: () => [],
    finishEffect: nothing,
    postponeEffect: nothing,
    duePublications: (_, limit) => waiting.slice(0, limit),
    finishPublication: (done) => (waiting = waiting.filter((each) => each !== done)),
    settle: nothing,
    postponePublication: nothing,
    pause: { until: 0, failures: 0 },
  };
  const leftAtTurns: number[] = [];
  const carriers = {
    perform: () => Promise.resolve(),
    publish: () => Promise.resolve(),
    log: nothing,
    yieldToOthers: async () => void leftAtTurns.push(waiting.length),
  };

  await carryOut(store, carriers, () => 0, { operations: 900, requests: 45 });

  expect(waiting).toEqual([]);
  expect(leftAtTurns).toEqual([15, 5]);
});
