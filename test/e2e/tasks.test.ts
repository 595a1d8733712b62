// Tasks and those who are told of them, over real HTTP: every message is verified as its receiver would.
import { setTimeout as delay } from "node:timers/promises";

import { afterAll, beforeAll, describe, it } from "vitest";

import { type Receiver, startReceiver } from "../support/node/receiver";
import { freePort, type Serentak, startWorker } from "../support/node/serentak";
import { call, task } from "../support/node/tasks";
import { until } from "../support/node/until";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET = "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWNoYW5uZWwtMzI=";
const TASKS = 1000;
const BUSY_MS = 20;
/** Connections of the burst: with more, a machine that does all of it itself only queues. */
const CALLERS = 100;

/** A webhook as CHANNELS has it, in the middle of a rotation. */
function webhook(url: string, events: readonly string[] = []) {
  return { type: "webhook", url, secret: ["${OPS_SECRET}", "${NEXT_SECRET}"], events };
}

let server: Serentak;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver([SECRET, NEXT_SECRET], {
    busy: async (response) => {
      await delay(BUSY_MS);
      response.writeHead(200).end();
    },
    hang: () => undefined,
    broken: (response) => void response.writeHead(503).end("down for maintenance"),
  });
  const channels = {
    ops: webhook(receiver.url("ops")),
    busy: webhook(receiver.url("busy")),
    hang: webhook(receiver.url("hang")),
    broken: webhook(receiver.url("broken")),
    dead: webhook(`http://127.0.0.1:${String(await freePort())}/`),
    audit: webhook(receiver.url("audit"), ["task.updated", "task.deleted", "user.*", "batch.*"]),
  };
  server = await startWorker({
    CHANNELS: JSON.stringify(channels),
    OPS_SECRET: SECRET,
    NEXT_SECRET,
    // Nobody listens there: sign-ups are not held up by DNS.
    DNS_RESOLVER_URL: `http://127.0.0.1:${String(await freePort())}/dns-query`,
  });
});
afterAll(() => Promise.all([server.stop(), receiver.close()]));

function arrived(channel: string, taskId: string) {
  return receiver.arrivalsAt(channel).filter(({ data }) => data.id === taskId);
}

/** Types of the last four messages to "audit", sorted. */
function lastTypes(): string[] {
  const types = receiver.arrivalsAt("audit").map(({ type }) => type);
  return types.slice(-4).toSorted((a, b) => a.localeCompare(b));
}

const notifications = async (id: string) =>
  Object.fromEntries(
    (await task(server.origin, "GET", `/tasks/${id}`)).notifications.map((entry) => [
      entry.channel,
      entry,
    ]),
  );

describe("a task that others are told of", () => {
  it("is answered at once while a receiver hangs and another is down", async ({ expect }) => {
    const body = { title: "Call Ada", notify: ["dead", "hang", "ops", "broken"] };
    const { id } = await task(server.origin, "POST", "/tasks", body);
    // A reply that had waited for it would find its attempt over.
    expect((await notifications(id))["hang"]).toMatchObject({ status: "pending", attempts: 0 });

    await expect.poll(() => arrived("ops", id).length).toBe(1);
    await expect
      .poll(() => notifications(id))
      .toMatchObject({
        ops: { status: "delivered", attempts: 1, http_status: 204, error: null },
        dead: { status: "pending", attempts: 1, http_status: null, error: { code: "network" } },
        broken: {
          status: "pending",
          http_status: 503,
          error: { detail: "The receiver answered 503: down for maintenance" },
        },
        hang: { status: "pending", attempts: 0 },
      });
    const { next_attempt_at, last_attempt_at } = (await notifications(id))["broken"] ?? {};
    const waitMs = Date.parse(next_attempt_at ?? "") - Date.parse(last_attempt_at ?? "");
    expect(waitMs).toBeGreaterThanOrEqual(5000);
    expect(waitMs).toBeLessThan(6500);

    const { hang } = await notifications(id);
    await task(server.origin, "PATCH", `/tasks/${id}`, { title: "New" });
    expect((await notifications(id))["hang"]).toEqual(hang);
  });

  it("is told in a message that either of two secrets verifies", async ({ expect }) => {
    const filed = await task(server.origin, "POST", "/tasks", { title: "Zoë 😀", notify: ["ops"] });
    await expect.poll(() => arrived("ops", filed.id)).toHaveLength(1);
    const { notifications: _, ...data } = filed;
    expect(arrived("ops", filed.id)).toMatchObject([
      {
        id: filed.notifications[0]?.event_id,
        signature: expect.stringMatching(/^v1,\S+ v1,\S+$/),
        type: "task.created",
        data,
      },
    ]);
  });

  it("is told again on demand, under the same id", async ({ expect }) => {
    const { id } = await task(server.origin, "POST", "/tasks", { title: "x", notify: ["ops"] });
    await expect.poll(async () => (await notifications(id))["ops"]?.status).toBe("delivered");
    const nid = (await notifications(id))["ops"]?.id ?? "";
    const response = await call(server.origin, "POST", `/notifications/${nid}/resend`);
    expect(response.status).toBe(202);
    await expect.poll(() => arrived("ops", id).length).toBe(2);
    expect(new Set(arrived("ops", id).map((arrival) => arrival.id)).size).toBe(1);
  });
});

it("channels hear of the events that they subscribe to", async ({ expect }) => {
  const { origin } = server;
  const { id } = await task(origin, "POST", "/tasks", { title: "Call Ada" });
  await task(origin, "PATCH", `/tasks/${id}`, { status: "in_progress" });
  // What waits when a record is deleted is told to nobody.
  await expect.poll(lastTypes).toContain("task.updated");
  expect((await call(origin, "DELETE", `/tasks/${id}`)).status).toBe(204);
  const user = { name: "Ada", email: "ada@example.com" };
  expect((await call(origin, "POST", "/users", user)).status).toBe(201);
  const batch = { operation: "uppercase", items: ["a"] };
  expect((await call(origin, "POST", "/batch-process", batch)).status).toBe(202);

  await expect
    .poll(lastTypes)
    .toEqual(["batch.completed", "task.deleted", "task.updated", "user.created"]);
});

it(
  "a thousand tasks at once are all told of, each in one message",
  { timeout: 900_000 },
  async ({ expect }) => {
    const filed: string[] = [];
    const caller = async (_: unknown, first: number): Promise<void> => {
      for (let n = first; n < TASKS; n += CALLERS) {
        const body = { title: `Task ${String(n)}`, notify: ["busy"] };
        filed.push((await task(server.origin, "POST", "/tasks", body)).id);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const distinct = () => new Set(receiver.arrivalsAt("busy").map(({ data }) => data.id));
    await until(
      () => distinct().size,
      (told) => told === TASKS,
    );
    expect(distinct()).toEqual(new Set(filed));
    // One message each, however it was retried.
    expect(new Set(receiver.arrivalsAt("busy").map((arrival) => arrival.id)).size).toBe(TASKS);
  },
);

it("nothing arrived that did not verify, and no secret is in the log", ({ expect }) => {
  expect(receiver.rejected).toEqual([]);
  const log = server.output().slice(server.output().indexOf("Ready on"));
  for (const secret of [SECRET, NEXT_SECRET]) expect(log).not.toContain(secret);
});
