// The entry point that the platform loads: the Worker's handler and the Durable Objects.
import { answer } from "./app";
import { WorkerEntrypoint } from "cloudflare:workers";
import { lazyObject } from "./durable-objects/lazy-object";
import { readConfig } from "./env";
import type { RunCalls } from "./runtime/call-invocation";

/** A table. See durable-objects/table.ts. */
export class Table extends lazyObject(async () => (await import("./durable-objects/table")).Table, {
  standing: true,
  peek: true,
  look: true,
  begin: true,
  finish: true,
  release: true,
  forget: true,
  create: true,
  update: true,
  remove: true,
  read: true,
  untold: true,
  page: true,
  report: true,
  keep: true,
  readKept: true,
  removeKept: true,
  handOver: true,
  watch: true,
  unlist: true,
  missing: true,
  importRecords: true,
  unassign: true,
  adopt: true,
  requestSignUp: true,
  confirm: true,
  askAgain: true,
  unsubscribe: true,
  linkKeys: true,
  callerKey: true,
  spend: true,
  admit: true,
  accessToken: true,
  refill: true,
  alarm: true,
}) {}

/** A job. See durable-objects/job.ts. */
export class Job extends lazyObject(async () => (await import("./durable-objects/job")).Job, {
  append: true,
  stage: true,
  submit: true,
  run: true,
  summary: true,
  results: true,
  act: true,
  change: true,
  remove: true,
  removeIn: true,
  discard: true,
  openLane: true,
  alarm: true,
}) {}

/** A channel. See durable-objects/channel.ts. */
export class Channel extends lazyObject(
  async () => (await import("./durable-objects/channel")).Channel,
  {
    enqueue: true,
    summary: true,
    page: true,
    ofRecord: true,
    read: true,
    pause: true,
    enable: true,
    resend: true,
    replay: true,
    cancel: true,
    erase: true,
    alarm: true,
    idle: true,
  },
) {}

/** The remains of a record of version 0.1. See durable-objects/version-0-1.ts. */
export class RecordWriter extends lazyObject(
  async () => (await import("./durable-objects/version-0-1")).RecordWriter,
  { alarm: true },
) {}

/** An Idempotency-Key of version 0.1. */
export class IdempotencyKey extends lazyObject(
  async () => (await import("./durable-objects/version-0-1")).IdempotencyKey,
  { alarm: true },
) {}

/** Further invocations of the Worker, for calls beyond the connections of one. See runtime/call-invocation.ts. */
export class Calls extends WorkerEntrypoint<Env> {
  /** Makes calls and reports the result of each; see `RunCalls`. */
  async run(...given: Parameters<RunCalls>): Promise<number> {
    const { createRunCalls } = await import("./runtime/call-invocation");
    return createRunCalls(this.ctx, readConfig(this.env).config, this.env)(...given);
  }
}

export default { fetch: answer } satisfies ExportedHandler<Env>;
