// Power cuts in the middle of a burst: what was acknowledged is there, and what is there is told.
import { setTimeout as delay } from "node:timers/promises";

import * as v from "valibot";
import { afterAll, beforeAll, it } from "vitest";

import { type Receiver, startReceiver } from "../support/node/receiver";
import { type Serentak, startWorker } from "../support/node/serentak";
import { call, task } from "../support/node/tasks";
import { until } from "../support/node/until";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CALLERS = 40;
const STAGGER_MS = 15;
const CUTS = 2;
/** Acknowledged changes before each cut. */
const BURST_CHANGES = 40;
/** So slow that at each cut many messages are on their way. */
const RECEIVER_MS = 150;

const Page = v.object({
  tasks: v.array(v.object({ id: v.string(), version: v.number() })),
  next_cursor: v.nullable(v.string()),
});

let server: Serentak;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver([SECRET], {
    audit: async (response) => {
      await delay(RECEIVER_MS);
      response.writeHead(204).end();
    },
  });
  const audit = { type: "webhook", url: receiver.url("audit"), secret: SECRET, events: ["task.*"] };
  server = await startWorker({ CHANNELS: JSON.stringify({ audit }) });
});
afterAll(() => Promise.all([server.stop(), receiver.close()]));

/** The last acknowledged version of each task. */
const acknowledged = new Map<string, number>();
let changes = 0;

function acknowledge({ id, version }: { id: string; version: number }): void {
  acknowledged.set(id, version);
  changes += 1;
}

/** Files tasks and changes each twice, until the power goes. One begins after the other, not in step. */
async function callUntilCut(_: unknown, caller: number): Promise<void> {
  try {
    await delay(caller * STAGGER_MS);
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

/** The version of every task that is there, acknowledged or not. */
async function listAll(): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const response = await call(server.origin, "GET", `/tasks?limit=100${query}`);
    const page = v.parse(Page, await response.json());
    for (const { id, version } of page.tasks) versions.set(id, version);
    cursor = page.next_cursor;
  }
  return versions;
}

function nameOf(id: string, version: number | undefined): string {
  return `${id} version ${String(version)}`;
}

function told(): Set<string> {
  return new Set(receiver.arrivals.map(({ data }) => nameOf(data.id, data.version)));
}

/** Changes that are there and of which nobody was told. */
async function untold(): Promise<string[]> {
  const seen = told();
  return [...(await listAll())].flatMap(([id, latest]) =>
    Array.from({ length: latest }, (_, before) => nameOf(id, before + 1)).filter(
      (change) => !seen.has(change),
    ),
  );
}

it(
  "every acknowledged change survives, and every change is told under one id",
  { timeout: 600_000 },
  async ({ expect }) => {
    for (let cut = 1; cut <= CUTS; cut += 1) {
      const callers = Array.from({ length: CALLERS }, callUntilCut);
      await until(
        () => changes,
        (made) => made > cut * BURST_CHANGES,
      );
      await server.kill();
      await Promise.all(callers);
      await server.restart();
      // At once: the table knows.
      const versions = await listAll();
      for (const [id, version] of acknowledged)
        expect(versions.get(id), id).toBeGreaterThanOrEqual(version);
    }

    await until(untold, (changes) => changes.length === 0);
    // However often a change was told, it was one message: receivers may tell by its id.
    expect(new Set(receiver.arrivals.map(({ id }) => id)).size).toBe(told().size);
    expect(receiver.rejected).toEqual([]);
  },
);
