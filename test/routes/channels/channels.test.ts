// What an operator sees of channels and of what was told, and what can be done about it.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it } from "vitest";
import { Notification, NotificationDetail } from "../../../src/domain/notifications/delivery";
import { ChannelReply } from "../../../src/routes/channels/channel-replies";
import { channelsJson } from "../../support/channel-settings";
import { expectProblem } from "../../support/problem";
import {
  channelObject,
  delivered,
  file,
  idle,
  readNotification,
  receive,
  removeTask,
  resend,
  ring,
  stopAlarms,
  untilNextAttempt,
  wakeTasks,
} from "../../support/tasks";
import { letTimePass, read, restoreWorld } from "../../support/users";
import { AUTHORIZATION, send } from "../../support/worker";

const settings = Object.assign(JSON.parse(channelsJson()), {
  watch: { type: "ntfy", url: "https://watch.example/t", alerts: true },
});
Reflect.set(env, "CHANNELS", JSON.stringify(settings));

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const status = (code: number) => new Response("no", { status: code });
const ok = () => new Response(null, { status: 204 });

function post(path: string, body?: unknown): Promise<Response> {
  return send(path, {
    method: "POST",
    headers: { ...AUTHORIZATION, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function channelOf(response: Promise<Response>, code = 200): Promise<ChannelReply> {
  const answer = await response;
  if (answer.status !== code) throw new Error(`${answer.status} ${await answer.text()}`);
  return v.parse(ChannelReply, await answer.json());
}

const List = v.object({
  notifications: v.array(Notification),
  next_cursor: v.nullable(v.string()),
});

async function list(query = ""): Promise<v.InferOutput<typeof List>> {
  return v.parse(List, await (await read(`/notifications?${query}`)).json());
}

async function channels(): Promise<Record<string, ChannelReply>> {
  const page = v.parse(
    v.object({ channels: v.array(ChannelReply) }),
    await (await read("/channels")).json(),
  );
  return Object.fromEntries(page.channels.map((channel) => [channel.name, channel]));
}

/** Files a task for "hook" and has the first attempt made. */
async function fileForHook(): Promise<string> {
  const { id } = await file({ notify: ["hook"] });
  await delivered(id);
  return id;
}

const Names = v.object({
  channels: v.array(v.object({ name: v.string() })),
  next_cursor: v.nullable(v.string()),
});

describe("the list of channels", () => {
  async function page(query: string) {
    const { channels, next_cursor } = v.parse(
      Names,
      await (await read(`/channels?${query}`)).json(),
    );
    return { names: channels.map(({ name }) => name), next: next_cursor };
  }

  it("is walked in either order, and whole as lines and as a table", async ({ expect }) => {
    const all = Object.keys(settings).toSorted();
    for (const order of ["asc", "desc"]) {
      const names: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const part = await page(`limit=2&order=${order}&cursor=${cursor}`);
        names.push(...part.names);
        cursor = part.next;
      }
      expect(names).toEqual(order === "asc" ? all : all.toReversed());
    }
    for (const accept of ["application/x-ndjson", "text/csv"]) {
      const headers = { ...AUTHORIZATION, Accept: accept };
      const text = await (await send("/channels?limit=1", { headers })).text();
      const lines = text.trim().split("\r\n").join("\n").split("\n");
      const rows = accept === "text/csv" ? lines.slice(1) : lines;
      expect(rows).toHaveLength(all.length);
      for (const [n, name] of all.entries()) expect(rows[n]).toContain(name);
    }
  });

  it("refuses a cursor of another order or list, or of nobody's making", async ({ expect }) => {
    const { next } = await page("limit=1");
    for (const query of [`cursor=${next}&order=desc`, "cursor=slack"]) {
      const response = await read(`/channels?${query}`);
      await expectProblem(expect, response, "malformed-request");
    }
    expect((await page(`limit=2&cursor=${next}`)).names).toHaveLength(2);
  });
});

describe("a channel", () => {
  it("that is paused tells nothing until it is enabled", async ({ expect }) => {
    const received = receive(ok);
    expect(await channelOf(post("/channels/hook/pause"))).toMatchObject({ state: "paused" });
    const id = await fileForHook();
    expect(received).toEqual([]);
    expect(await readNotification(id)).toMatchObject({ status: "pending", next_attempt_at: null });
    expect((await channels())["hook"]).toMatchObject({ waiting: 1, next_attempt_at: null });
    expect(await channelOf(post("/channels/hook/enable"))).toMatchObject({ state: "active" });
    await idle("hook");
    expect(received).toHaveLength(1);
    const { hook } = await channels();
    expect(hook).toMatchObject({ waiting: 0, failed: 0, reason: null });
    expect(hook?.last_delivered_at).not.toBeNull();
  });

  it("that its receiver disabled is told to those with alerts", async ({ expect }) => {
    const received = receive(({ host }) => (host === "hook.example" ? status(410) : ok()));
    await fileForHook();
    expect((await channels())["hook"]).toMatchObject({ state: "disabled", waiting: 1 });
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]).toMatchObject({ host: "watch.example" });
    expect(received[1]?.headers["title"]).toContain("hook was disabled");
  });

  it.for([401, 404])("of a chat service is disabled by a %i", async (code, { expect }) => {
    receive(({ host }) => (host === "slack.example" ? status(code) : ok()));
    await delivered((await file({ notify: ["slack"] })).id);
    expect((await channels())["slack"]).toMatchObject({ state: "disabled" });
  });

  it("can be tested", async ({ expect }) => {
    const received = receive(ok);
    const response = await post("/channels/hook/test");
    expect(response.status).toBe(202);
    const { id, event_id } = v.parse(Notification, await response.json());
    await idle("hook");
    expect(received[0]?.headers["webhook-id"]).toBe(event_id);
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ type: "channel.test" });
    expect(await (await read(`/notifications/${id}`)).json()).toMatchObject({
      status: "delivered",
    });
  });

  it("that does not exist is a 404 for whatever is asked of it", async ({ expect }) => {
    for (const action of ["test", "pause", "enable", "replay"]) {
      const body = action === "replay" ? { since: "2026-01-01T00:00:00Z" } : undefined;
      await expectProblem(expect, await post(`/channels/nobody/${action}`, body), "not-found");
    }
  });
});

describe("what was told", () => {
  it("is listed newest first, across channels, page by page, without a repeat", async ({
    expect,
  }) => {
    receive(({ host }) => (host === "ntfy.example" ? status(400) : ok()));
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const task = await file({ notify: ["hook", "ntfy"] });
      await delivered(task.id);
      ids.unshift(...task.notifications.map(({ id }) => id));
      letTimePass(1000);
    }
    const found: string[] = [];
    for (let cursor = ""; ;) {
      const page = await list(`limit=3&cursor=${cursor}`);
      found.push(...page.notifications.map(({ id }) => id));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(found.toSorted()).toEqual(ids.toSorted());
    const times = found.map((id) =>
      ids.findIndex((other) => other.slice(0, 36) === id.slice(0, 36)),
    );
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect((await list("status=delivered")).notifications).toHaveLength(4);
    expect((await list("channel=ntfy&status=pending,failed")).notifications).toHaveLength(4);
    expect((await list(`record_id=${ids[0]?.slice(0, 36)}`)).notifications).toHaveLength(2);
    expect((await list("event=task.due")).notifications).toEqual([]);
  });

  it("is exported whole as NDJSON and CSV", async ({ expect }) => {
    receive(ok);
    await fileForHook();
    const ndjson = await read("/notifications", { Accept: "application/x-ndjson" });
    expect((await ndjson.text()).trim().split("\n")).toHaveLength(1);
    const csv = await read("/notifications", { Accept: "text/csv" });
    expect(await csv.text()).toContain("task.created");
  });

  it("has a log of its attempts, which a resend keeps", async ({ expect }) => {
    receive((_, index) => (index === 0 ? status(500) : ok()));
    const id = await fileForHook();
    await untilNextAttempt(id);
    const { id: nid } = await readNotification(id);
    const before = v.parse(NotificationDetail, await (await read(`/notifications/${nid}`)).json());
    expect(before.attempt_log).toMatchObject([
      { http_status: 500, excerpt: "no", error: { code: "http-status" } },
      { http_status: 204, excerpt: null, error: null },
    ]);
    expect(before.payload).toMatchObject({ type: "task.created", data: { id } });
    expect((await resend(nid)).status).toBe(202);
    await idle("hook");
    const after = v.parse(NotificationDetail, await (await read(`/notifications/${nid}`)).json());
    expect(after.attempt_log).toHaveLength(3);
    expect(after).toMatchObject({ status: "delivered", attempts: 3 });
  });

  it("can be cancelled while it is pending, and not after", async ({ expect }) => {
    const received = receive(() => status(500));
    const id = await fileForHook();
    const { id: nid } = await readNotification(id);
    const cancel = () =>
      send(`/notifications/${nid}`, { method: "DELETE", headers: AUTHORIZATION });
    expect((await cancel()).status).toBe(204);
    expect(await readNotification(id)).toMatchObject({
      status: "cancelled",
      next_attempt_at: null,
    });
    await expectProblem(expect, await cancel(), "wrong-state");
    letTimePass(60_000);
    await ring("hook");
    expect(received).toHaveLength(1);
  });

  it("and failed is listed, and sent again by one call", async ({ expect }) => {
    let isDown = true;
    receive(() =>
      isDown
        ? new Response(null, { status: 500, headers: { "webhook-delivery": "abort-message" } })
        : ok(),
    );
    const ids = [await fileForHook(), await fileForHook()];
    expect((await list("channel=hook&status=failed")).notifications).toHaveLength(2);
    expect((await channels())["hook"]).toMatchObject({ failed: 2 });
    isDown = false;
    const response = await post("/channels/hook/replay", { since: "2026-01-01T00:00:00Z" });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ resent: 2 });
    await idle("hook");
    for (const id of ids) expect(await readNotification(id)).toMatchObject({ status: "delivered" });
  });

  it("and failed for good is told once as notification.failed", async ({ expect }) => {
    const received = receive(({ host }) =>
      host === "hook.example"
        ? new Response(null, { status: 500, headers: { "webhook-delivery": "abort-message" } })
        : ok(),
    );
    await fileForHook();
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]?.headers["title"]).toContain("A message to hook could not be delivered");
  });

  it("of a record that was deleted is cancelled where it waits, and forgotten", async ({
    expect,
  }) => {
    receive(() => status(500));
    const { id } = await file({ title: "private-title", notify: ["hook"] });
    await delivered(id);
    const [notification] = (await list(`record_id=${id}`)).notifications;
    await removeTask(id);
    await wakeTasks();
    await delivered(id);
    const detail = await read(`/notifications/${notification?.id}`);
    const text = await detail.text();
    expect(JSON.parse(text)).toMatchObject({ status: "cancelled", payload: null });
    expect(text).not.toContain("private-title");
    await expectProblem(expect, await resend(notification?.id ?? ""), "wrong-state");
  });
});

it("many that wait for a chat channel are told in digests", async ({ expect }) => {
  const received = receive(() => new Response("ok"));
  await channelObject("slack").pause();
  for (let n = 0; n < 30; n += 1)
    await channelObject("slack").enqueue({
      id: crypto.randomUUID(),
      type: "task.created",
      timestamp: new Date().toISOString(),
      recordId: `record-${n}`,
      origin: null,
      data: { title: `Title ${n}`, priority: "high" },
    });
  await channelObject("slack").enable();
  await idle("slack");
  expect(received).toHaveLength(1);
  const { text } = v.parse(v.object({ text: v.string() }), JSON.parse(received[0]?.body ?? ""));
  expect(text.split("\n")).toHaveLength(31);
  expect(await channelObject("slack").summary()).toMatchObject({ waiting: 0 });
});
