// Channels over real sockets: receivers that hang, and receivers whose bodies break after the verdict.
import * as v from "valibot";
import { afterAll, beforeAll, describe, it } from "vitest";

import { BROKEN_BODIES } from "../support/node/broken-bodies";
import { type Receiver, startReceiver } from "../support/node/receiver";
import { type Serentak, startWorker } from "../support/node/serentak";
import { call, task } from "../support/node/tasks";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATIENCE_S = 60;
const HANGING = Array.from({ length: 6 }, (_, n) => `hanging-${String(n)}`);
const slug = (name: string): string => name.replaceAll(" ", "-");
const bodies = Object.entries(BROKEN_BODIES);

let server: Serentak;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver([SECRET], {
    ...Object.fromEntries(HANGING.map((name) => [name, () => undefined])),
    ...Object.fromEntries(
      bodies.flatMap(([name, send]) => [
        [`gone-${slug(name)}`, (response) => send(response, 410, {})],
        [
          `busy-${slug(name)}`,
          (response) => send(response, 503, { "Retry-After": String(PATIENCE_S) }),
        ],
      ]),
    ),
  });
  const names = [
    ...HANGING,
    "seventh",
    ...bodies.flatMap(([name]) => [`gone-${slug(name)}`, `busy-${slug(name)}`]),
  ];
  const channels = Object.fromEntries(
    names.map((name) => [
      name,
      { type: "webhook", url: receiver.url(name), secret: "${OPS_SECRET}" },
    ]),
  );
  server = await startWorker({ CHANNELS: JSON.stringify(channels), OPS_SECRET: SECRET });
});
afterAll(() => Promise.all([server.stop(), receiver.close()]));

const ChannelPage = v.object({
  channels: v.array(v.looseObject({ name: v.string(), state: v.string(), waiting: v.number() })),
});

async function readChannel(name: string) {
  const response = await call(server.origin, "GET", "/channels");
  const { channels } = v.parse(ChannelPage, await response.json());
  return channels.find((channel) => channel.name === name);
}

/** Files a task of which these are told, and gives its notifications by channel. */
async function tell(notify: readonly string[]) {
  const { id } = await task(server.origin, "POST", "/tasks", { title: "Call Ada", notify });
  return async () => {
    const { notifications } = await task(server.origin, "GET", `/tasks/${id}`);
    return Object.fromEntries(notifications.map((entry) => [entry.channel, entry]));
  };
}

it("six channels hang, and the seventh is told at once", async ({ expect }) => {
  const notifications = await tell([...HANGING, "seventh"]);
  await expect.poll(async () => (await notifications())["seventh"]?.status).toBe("delivered");
  // All six were told as well, and none of them is over.
  await expect
    .poll(() => HANGING.filter((name) => receiver.arrivalsAt(name).length === 1))
    .toEqual(HANGING);
  const told = await notifications();
  for (const name of HANGING)
    expect(told[name]).toMatchObject({ status: "pending", http_status: null });
});

describe.each(bodies.map(([name]) => name))("a verdict whose body is %s", (name) => {
  it("disables the channel by 410", async ({ expect }) => {
    const channel = `gone-${slug(name)}`;
    const notifications = await tell([channel]);
    await expect.poll(async () => (await notifications())[channel]?.http_status).toBe(410);
    expect((await notifications())[channel]).toMatchObject({
      status: "pending",
      next_attempt_at: null,
    });
    expect(await readChannel(channel)).toMatchObject({
      state: "disabled",
      waiting: 1,
    });
    expect(receiver.arrivalsAt(channel)).toHaveLength(1);
  });

  it("makes it wait by 503 with Retry-After", async ({ expect }) => {
    const channel = `busy-${slug(name)}`;
    const notifications = await tell([channel]);
    await expect.poll(async () => (await notifications())[channel]?.http_status).toBe(503);
    const { status, last_attempt_at, next_attempt_at } = (await notifications())[channel] ?? {};
    expect(status).toBe("pending");
    const waitMs = Date.parse(next_attempt_at ?? "") - Date.parse(last_attempt_at ?? "");
    expect(waitMs).toBeGreaterThanOrEqual(PATIENCE_S * 1000);
    expect(await readChannel(channel)).toMatchObject({ state: "active" });
  });
});

it("whatever arrived was signed", ({ expect }) => {
  expect(receiver.rejected).toEqual([]);
});
