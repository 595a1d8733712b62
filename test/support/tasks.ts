// Tasks and those who are told of them, for tests: receivers are functions, time is moved by hand.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { vi } from "vitest";
import type { Notification } from "../../src/domain/notifications/delivery";
import { StoredTask, Task } from "../../src/domain/records/tasks";
import type { Channel } from "../../src/durable-objects/channel";
import type { Table } from "../../src/durable-objects/table";
import { systemClock } from "../../src/runtime/clock";
import { channelsJson } from "./channel-settings";
import { letTimePass, read } from "./users";
import { AUTHORIZATION, post, send } from "./worker";

const POLL_MS = 5;
const DAY_MS = 24 * 60 * 60_000;

/** A request that a receiver got. */
export interface Received {
  readonly host: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal | null | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/** Answers whatever is sent out, in place of the network, and returns what was sent. */
export function receive(
  answer: (request: Received, index: number) => Response | Promise<Response> = () =>
    new Response(null, { status: 204 }),
): Received[] {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { url, headers } = new Request(input, init);
    const request = {
      host: new URL(url).hostname,
      url,
      headers: Object.fromEntries(headers),
      body: typeof init?.body === "string" ? init.body : "",
      signal: init?.signal,
      at: Date.now(),
    };
    received.push(request);
    return answer(request, received.length - 1);
  });
  return received;
}

/** From now on the clock is a day ahead of the runtime's: no alarm rings by itself during a test. */
export function stopAlarms(): void {
  letTimePass(DAY_MS);
}

/** Timers of about so many milliseconds end with the next turn of the event loop, and no other ends. */
export function endAtOnce(durationMs: number) {
  return vi.spyOn(systemClock, "after").mockImplementation((ms, callback) => {
    // A timer is set a while after its limit began, and for what is left of it.
    const timer = Math.abs(ms - durationMs) < 500 ? setTimeout(callback, 0) : null;
    return () => clearTimeout(timer);
  });
}

/** The task in a reply, which must fit its schema and have the wanted status. */
export async function taskOf(response: Response, status: number): Promise<Task> {
  if (response.status !== status) {
    throw new Error(`Expected ${status}, got ${response.status}: ${await response.text()}`);
  }
  return v.parse(Task, await response.json());
}

/** Files a task, and fails unless that is a 201. */
export async function file(fields: Record<string, unknown> = {}): Promise<Task> {
  return taskOf(await post("/tasks", { title: "Call Ada", ...fields }), 201);
}

/** The task under this id as the API shows it. */
export async function readTask(id: string): Promise<Task> {
  return taskOf(await read(`/tasks/${id}`), 200);
}

/** The only notification of a task as the API shows it. */
export async function readNotification(id: string): Promise<Notification> {
  return v.parse(v.tuple([Task.entries.notifications.item]), (await readTask(id)).notifications)[0];
}

/** PATCH /tasks/<id>. */
export function patchTask(
  id: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return send(`/tasks/${id}`, {
    method: "PATCH",
    headers: { ...AUTHORIZATION, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** DELETE /tasks/<id>. */
export function removeTask(id: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(`/tasks/${id}`, { method: "DELETE", headers: { ...AUTHORIZATION, ...headers } });
}

/** POST /notifications/<id>/resend. */
export function resend(id: string): Promise<Response> {
  return send(`/notifications/${id}/resend`, { method: "POST", headers: AUTHORIZATION });
}

/** The table of tasks. */
export function tasksTable(): DurableObjectStub<Table> {
  return env.TABLES.getByName("tasks");
}

/** The object of a channel. */
export function channelObject(name: string): DurableObjectStub<Channel> {
  return env.CHANNEL_QUEUES.getByName(name);
}

/** The channels that were told of a task; of one that is no more, all that there are. */
async function toldOf(id: string): Promise<readonly string[]> {
  const json = await tasksTable().read(id);
  if (json !== null) return v.parse(StoredTask, JSON.parse(json)).told;
  return Object.keys(JSON.parse(channelsJson()));
}

/** Waits until what the table tells has been handed over, and what is due been attempted. */
export async function delivered(id: string): Promise<void> {
  // Not by vitest's own ways of waiting, which move the clock.
  while ((await tasksTable().untold(id)).length > 0) await scheduler.wait(POLL_MS);
  for (const name of await toldOf(id)) await idle(name);
}

/** Waits until no attempt of a channel is under way. */
export async function idle(name: string): Promise<void> {
  await channelObject(name).idle();
}

/** Lets the time pass until the only notification's next attempt, and has it made. Returns the time that passed. */
export async function untilNextAttempt(id: string): Promise<number> {
  const { next_attempt_at } = await readNotification(id);
  if (next_attempt_at === null) throw new Error("No further attempt is planned");
  const waitedMs = Date.parse(next_attempt_at) - Date.now();
  letTimePass(waitedMs);
  await ringChannels(id);
  return waitedMs;
}

/** Runs the alarms of the channels that were told of a task, due or not. */
export async function ringChannels(id: string): Promise<void> {
  for (const name of await toldOf(id)) await ring(name);
}

/** Runs the alarm of a channel, due or not, and waits for what it attempts. */
export async function ring(name: string): Promise<void> {
  await runDurableObjectAlarm(channelObject(name));
  await idle(name);
}

/** Runs the alarm of the tasks' table, due or not: it carries out what is due by the clock. */
export function wakeTasks(): Promise<boolean> {
  return runDurableObjectAlarm(tasksTable());
}

/** Types of the events that "hook" got, in order. */
export function typesFor(received: readonly Received[]): string[] {
  return received
    .filter(({ host }) => host === "hook.example")
    .map(({ body }) => String(Reflect.get(Object(JSON.parse(body)), "type")));
}

/** Has the whole deployment of a test file see these subscriptions by channel: before anything is sent. */
export function subscribeAll(events: Record<string, readonly string[]>): void {
  Reflect.set(env, "CHANNELS", channelsJson(events));
}

/** Gives an object other variables than the configured ones, until it is evicted. */
export function withVariables<T extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<T>,
  variables: Record<string, unknown>,
): Promise<void> {
  return runInDurableObject(stub, (instance) => {
    const made = Object(Reflect.get(instance, "made"));
    Reflect.set(made, "env", { ...Reflect.get(made, "env"), ...variables });
  });
}

/** Has an object see these subscriptions by channel. */
export function withSubscriptions<T extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<T>,
  events: Record<string, readonly string[]>,
): Promise<void> {
  return withVariables(stub, { CHANNELS: channelsJson(events) });
}
