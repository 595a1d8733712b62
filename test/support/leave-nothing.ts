// Files share a runtime: after each, nothing that it stored, replaced or set is left for the next one.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, expect, vi } from "vitest";
import * as channel from "../../src/durable-objects/channel";
import * as job from "../../src/durable-objects/job";
import * as table from "../../src/durable-objects/table";
import { forgetConfig } from "../../src/env";
import { Channel, Job, Table } from "../../src/worker";

/** The classes of the objects, each with the one that it loads when it is first used. */
const CLASSES = [Job, Channel, Table, job.Job, channel.Channel, table.Table];

/** Everything of the runtime that tests replace. */
const replaceable = (): unknown[] => [
  globalThis.fetch,
  ...CLASSES.flatMap(({ prototype }) =>
    Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ value }) => value),
  ),
];
const originals = new Set(replaceable());
const variables = { ...env };

afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
  // Two means of replacing a method that are undone in the wrong order leave it replaced.
  expect(replaceable().filter((method) => !originals.has(method))).toEqual([]);
  for (const name of Object.keys(env)) Reflect.deleteProperty(env, name);
  Object.assign(env, variables);
  forgetConfig();
});
