// Watching a batch: how often it is looked at, in each state. A look is a request to the job's object.
import { it } from "vitest";
import type { JobSummary } from "../../../src/domain/batches/batch";
import { follow } from "../../../src/domain/batches/follow";

const HOUR_MS = 60 * 60_000;
const BOUNDS = { maxLooks: 900, maxMs: 15 * 60_000 };

function job(parts: Partial<JobSummary> = {}): JobSummary {
  return {
    status: "running",
    reason: null,
    run: 1,
    summaryOperation: null,
    outputSummary: null,
    operation: "uppercase",
    options: { concurrency: 6 },
    label: null,
    metadata: {},
    columns: null,
    hasIds: false,
    startAt: null,
    total: 10,
    succeeded: 4,
    failed: 0,
    failedByCode: {},
    waiting: null,
    leastMs: 0,
    mostMs: Infinity,
    createdAt: 0,
    startedAt: 0,
    finishedAt: null,
    expiresAt: HOUR_MS,
    lastResultAt: null,
    ranMs: 0,
    ...parts,
  };
}

/** Instants of the looks at a batch, by a watcher who stays as long as a stream lasts. */
async function looksAt(stateAt: (now: number) => JobSummary | null): Promise<number[]> {
  let now = 0;
  const looks: number[] = [];
  const look = async () => {
    looks.push(now);
    return stateAt(now);
  };
  const sleep = async (ms: number) => void (now += ms);
  const first = stateAt(0);
  if (first === null) throw new Error("There is no batch");
  for await (const seen of follow(first, { look, sleep, now: () => now, ...BOUNDS })) void seen;
  expectBounded(now);
  return looks;
}

function expectBounded(now: number): void {
  if (now > BOUNDS.maxMs + 60_000) throw new Error(`The stream lasted ${now} ms`);
}

const gaps = (looks: readonly number[]) => looks.map((at, n) => at - (looks[n - 1] ?? 0));

it("A batch in flight is looked at once to twice a second", async ({ expect }) => {
  const looks = await looksAt(() => job());
  expect(Math.min(...gaps(looks))).toBeGreaterThanOrEqual(500);
  expect(Math.max(...gaps(looks))).toBeLessThanOrEqual(1000);
});

it.for([
  ["paused", job({ status: "paused", reason: "by-request" })],
  ["scheduled", job({ status: "scheduled", startAt: HOUR_MS })],
  ["waiting", job({ waiting: { items: 6, until: HOUR_MS } })],
] as const)("A batch that is %s is looked at once a minute", async ([, state], { expect }) => {
  expect(await looksAt(() => state)).toHaveLength(14);
});

it("A batch is looked at when its items may go on", async ({ expect }) => {
  const waiting = { items: 6, until: 20_000 };
  const looks = await looksAt((now) =>
    now < 20_000 ? job({ waiting }) : job({ finishedAt: now }),
  );
  expect(looks).toEqual([20_000]);
});

it("A batch is looked at no more once it is over, or gone", async ({ expect }) => {
  expect(await looksAt(() => job({ status: "completed", finishedAt: 1 }))).toEqual([]);
  expect(await looksAt((now) => (now === 0 ? job() : null))).toHaveLength(1);
});
