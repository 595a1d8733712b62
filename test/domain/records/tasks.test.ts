import * as v from "valibot";
import { describe, it } from "vitest";
import {
  CreateTask,
  createTask,
  patchTask,
  summarizeTask,
  TaskStatus,
  TaskSummary,
  UpdateTask,
  type StoredTask,
} from "../../../src/domain/records/tasks";

const ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const NOW = Date.UTC(2026, 0, 1);
const METADATA_BYTES = 1024;

function task(fields: Record<string, unknown> = {}): StoredTask {
  return createTask(v.parse(CreateTask, { title: "Call Ada", ...fields }), { id: ID, now: NOW });
}

describe("a new task", () => {
  it("has defaults for all but its title", ({ expect }) => {
    expect(task()).toEqual({
      id: ID,
      title: "Call Ada",
      description: null,
      priority: "medium",
      status: "pending",
      assignee_id: null,
      due_at: null,
      metadata: {},
      reply_to: null,
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
      version: 1,
      told: [],
      origin: null,
      notify: [],
      remind_at: null,
      ended_at: null,
    });
  });

  it.for([
    { title: "" },
    { title: "   " },
    { title: "x".repeat(201) },
    { title: "€".repeat(134) },
    { title: "Subject\r\nBcc: all@example.com" },
    { title: "bell \u0007" },
    { title: "half \ud83d" },
    { title: 7 },
    { title: "x", description: "x".repeat(10_001) },
    { title: "x", priority: "asap" },
    { title: "x", status: "done" },
    { title: "x", assignee_id: "somebody" },
    { title: "x", notify: ["a b"] },
    { title: "x", notify: Array(21).fill("ops") },
    { title: "x", notify: ["https://attacker.example"] },
    { title: "x", url: "https://attacker.example" },
    { title: "x", metadata: null },
    { title: "x", metadata: { text: "x".repeat(4096) } },
    { title: "x", reply_to: "nobody" },
  ])("is not made of %j", (body, { expect }) => {
    expect(v.is(CreateTask, body)).toBe(false);
  });

  it("has a due date in UTC with milliseconds", ({ expect }) => {
    const dates = {
      "2026-05-01T12:00:00Z": "2026-05-01T12:00:00.000Z",
      "2026-05-01t12:00:00.123456789z": "2026-05-01T12:00:00.123Z",
      "2026-05-01T00:30:00+02:00": "2026-04-30T22:30:00.000Z",
      "2024-02-29T23:59:59-12:00": "2024-03-01T11:59:59.000Z",
    };
    for (const [due_at, kept] of Object.entries(dates)) expect(task({ due_at }).due_at).toBe(kept);
  });

  it.for([
    "tomorrow",
    "2026-05-01",
    "2026-05-01T12:00:00",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-05-01T24:00:00Z",
    "2026-05-01T12:60:00Z",
    "2026-05-01T12:00:00+99:00",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
  ])("has no due date %s", (due_at, { expect }) => {
    expect(v.is(CreateTask, { title: "x", due_at })).toBe(false);
  });
});

describe("a status", () => {
  const ALLOWED = new Set([
    "pending → in_progress",
    "pending → cancelled",
    "in_progress → done",
    "in_progress → cancelled",
  ]);
  const { options } = TaskStatus;
  const changes = options.flatMap((from) => options.map((to) => [from, to] as const));

  it.for(changes)("%s → %s is allowed or refused as documented", ([from, to], { expect }) => {
    const before = { ...task(), status: from };
    const changed = patchTask(before, { status: to }, NOW + 1000);
    if (from === to) expect(changed).toBe(before);
    else if (ALLOWED.has(`${from} → ${to}`)) {
      expect(changed).toMatchObject({ status: to, version: 2 });
    } else {
      const detail = `A task that is ${from} cannot become ${to}.`;
      expect(changed).toEqual({ status: "refused", code: "wrong-state", detail });
    }
  });
});

describe("a patch", () => {
  it("changes what it names and nothing else", ({ expect }) => {
    const before = task({ description: "By phone", due_at: "2026-05-01T12:00:00Z" });
    const patch = v.parse(UpdateTask, { title: " New ", description: null, priority: "low" });
    expect(patchTask(before, patch, NOW + 1000)).toEqual({
      ...before,
      title: "New",
      description: null,
      priority: "low",
      updated_at: "2026-01-01T00:00:01.000Z",
      version: 2,
    });
  });

  it.for([
    { title: null },
    { priority: null },
    { status: null },
    { status: "started" },
    { notify: ["ops"] },
    { version: 7 },
    { id: ID },
  ])("is not %j", (body, { expect }) => {
    expect(v.is(UpdateTask, body)).toBe(false);
  });
});

describe("metadata and reply_to", () => {
  const before = () => task({ metadata: { a: 1, b: { c: 2 } }, reply_to: "Ada@EXAMPLE.com" });
  const patched = (patch: unknown) => patchTask(before(), v.parse(UpdateTask, patch), NOW + 1000);

  it("are kept, the address as mail is sent to it", ({ expect }) => {
    expect(before()).toMatchObject({
      metadata: { a: 1, b: { c: 2 } },
      reply_to: "Ada@example.com",
    });
  });

  it("are merged, replaced and removed", ({ expect }) => {
    expect(patched({ metadata: { a: null, b: { d: 3 } } })).toMatchObject({
      metadata: { b: { c: 2, d: 3 } },
      reply_to: "Ada@example.com",
      version: 2,
    });
    expect(patched({ metadata: null, reply_to: null })).toMatchObject({
      metadata: {},
      reply_to: null,
    });
    expect(patched({ reply_to: "Bob@EXAMPLE.com" })).toMatchObject({
      metadata: { a: 1, b: { c: 2 } },
      reply_to: "Bob@example.com",
    });
  });

  it("make no version where they stay what they are", ({ expect }) => {
    for (const patch of [{ metadata: { a: 1 } }, { reply_to: "Ada@Example.com" }]) {
      expect(patched(patch)).toMatchObject({ version: 1 });
    }
  });

  it("grow in steps no further than at once", ({ expect }) => {
    expect(patched({ metadata: { d: "x".repeat(4090) } })).toMatchObject({
      code: "invalid-body",
      errors: [{ pointer: "#/metadata", detail: "More than 4096 bytes as JSON" }],
    });
  });
});

describe("when a task is to be told of as due", () => {
  const at = (ms: number) => new Date(NOW + ms).toISOString();
  const changed = (before: StoredTask, patch: unknown, ms = 1000) =>
    patchTask(before, v.parse(UpdateTask, patch), NOW + ms);

  it("is its due date, unless that was past when it was said", ({ expect }) => {
    expect(task({ due_at: at(1) }).remind_at).toBe(at(1));
    for (const due_at of [at(0), at(-1), null]) expect(task({ due_at }).remind_at).toBeNull();
  });

  it("moves with the date, and stays with any other change", ({ expect }) => {
    const before = task({ due_at: at(5000) });
    expect(changed(before, { due_at: at(9000) })).toMatchObject({ remind_at: at(9000) });
    expect(changed(before, { due_at: at(500) })).toMatchObject({ remind_at: null });
    expect(changed(before, { due_at: null })).toMatchObject({ remind_at: null });
    expect(changed(before, { title: "New" })).toMatchObject({ remind_at: at(5000) });
    // It was told already: nobody is told twice of one date.
    expect(changed({ ...before, remind_at: null }, { title: "New" })).toMatchObject({
      remind_at: null,
    });
  });

  it("is never once it has ended", ({ expect }) => {
    const before = task({ due_at: at(5000) });
    expect(changed(before, { status: "cancelled" })).toMatchObject({ remind_at: null });
    const done = { ...before, status: "done" as const };
    expect(changed(done, { due_at: at(9000) })).toMatchObject({ remind_at: null });
  });
});

describe("a list entry", () => {
  it("leaves out what is long", ({ expect }) => {
    const summary = summarizeTask({ ...task({ description: "long" }), told: ["ops"] });
    expect(v.parse(TaskSummary, summary)).toEqual(summary);
  });

  it("fits into KV's metadata, whatever the task", ({ expect }) => {
    for (const title of [
      "x".repeat(200),
      '"'.repeat(200),
      `${"€".repeat(100)}${'"'.repeat(100)}`,
    ]) {
      const due_at = "2026-12-31T23:59:59.999Z";
      const full = { ...task({ title, due_at, assignee_id: ID }), status: "in_progress" as const };
      const json = JSON.stringify(summarizeTask({ ...full, version: 1_000_000_000 }));
      expect(new TextEncoder().encode(json).length).toBeLessThan(METADATA_BYTES);
    }
  });
});
