// Power cuts in the middle of a burst: what was acknowledged is there, and is told of.
import { afterAll, beforeAll, it } from "vitest";

import { type Receiver, startReceiver } from "../support/node/receiver";
import { type Serentak, startSerentak } from "../support/node/serentak";
import { task } from "../support/node/tasks";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CALLERS = 16;
const CUTS = 3;
/** Acknowledged changes before each cut. */
const BURST_CHANGES = 60;
/** The schedule's first retry comes after 5 s, and a restarted alarm within some seconds. */
const ALL_TOLD_MS = 30_000;

let server: Serentak;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver([SECRET]);
  const audit = { type: "webhook", url: receiver.url("audit"), secret: SECRET, events: ["task.*"] };
  server = await startSerentak({ CHANNELS: JSON.stringify({ audit }) });
});
afterAll(() => Promise.all([server.stop(), receiver.close()]));

/** Each acknowledged version of each task. */
const acknowledged = new Map<string, number[]>();
let changes = 0;

function acknowledge({ id, version }: { id: string; version: number }): void {
  acknowledged.set(id, [...(acknowledged.get(id) ?? []), version]);
  changes += 1;
}

/** Files tasks and changes each twice, until the power goes. */
async function callUntilCut(): Promise<void> {
  try {
    for (;;) {
      const filed = await task(server.origin, "POST", "/tasks", { title: "Survive" });
      acknowledge(filed);
      for (const status of ["in_progress", "done"])
        acknowledge(await task(server.origin, "PATCH", `/tasks/${filed.id}`, { status }));
    }
  } catch {
    // The connection is gone, and with it the answer: nothing was promised.
  }
}

it(
  "every acknowledged task survives, and every acknowledged change is told",
  { timeout: 120_000 },
  async ({ expect }) => {
    for (let cut = 1; cut <= CUTS; cut += 1) {
      const callers = Array.from({ length: CALLERS }, callUntilCut);
      await expect.poll(() => changes, { timeout: 20_000 }).toBeGreaterThan(cut * BURST_CHANGES);
      await server.kill();
      await Promise.all(callers);
      await server.restart();
    }

    const promised = [...acknowledged].flatMap(([id, versions]) =>
      versions.map((version) => `${id} ${String(version)}`),
    );
    const told = () =>
      new Set(receiver.arrivals.map(({ data }) => `${data.id} ${String(data.version)}`));
    await expect
      .poll(() => promised.filter((change) => !told().has(change)), { timeout: ALL_TOLD_MS })
      .toEqual([]);

    for (const [id, versions] of acknowledged) {
      const { version } = await task(server.origin, "GET", `/tasks/${id}`);
      expect(version).toBeGreaterThanOrEqual(Math.max(...versions));
    }
    // However often a change was told, it was one message: receivers may tell by its id.
    const ids = new Set(receiver.arrivals.map(({ id }) => id));
    expect(ids.size).toBe(told().size);
    expect(receiver.rejected).toEqual([]);
  },
);
