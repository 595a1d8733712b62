import * as v from "valibot";
import { describe, it } from "vitest";
import { announce, type Change } from "../../../src/domain/records/announce";
import { createChannel } from "../../../src/domain/notifications/channels";
import type { DomainEvent } from "../../../src/domain/notifications/events";
import type { StoredRecord } from "../../../src/domain/records/record";
import { CreateTask, createTask } from "../../../src/domain/records/tasks";

const ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const NOW = Date.UTC(2026, 0, 1);
const MAX_PAYLOAD_BYTES = 20_000;

function taskRecord(title = "Call Ada", description: string | null = null): StoredRecord {
  const body = v.parse(CreateTask, { title, description, priority: "urgent" });
  return { kind: "task", value: createTask(body, { id: ID, now: NOW }) };
}

function userRecord(): StoredRecord {
  const instant = new Date(NOW).toISOString();
  return {
    kind: "user",
    value: {
      id: ID,
      name: "Ada",
      email: "ada@example.com",
      age: 36,
      metadata: { card: "4111" },
      email_check: { verdict: "deliverable", reason: "mail-server-found" },
      confirmed_at: null,
      created_at: instant,
      updated_at: instant,
      version: 1,
    },
  };
}

/** A channel that wants to hear of everything, and ids in order. */
function deps() {
  const ops = createChannel(
    "ops",
    { type: "ntfy", url: "https://ntfy.example/x", events: ["task.*", "user.*"] },
    { secret: () => undefined, mailFrom: null },
  );
  let ids = 0;
  return { channels: new Map([["ops", ops]]), newId: () => `id-${(ids += 1)}`, now: NOW };
}

/** The event that tells of a change, or null. */
function eventOf(record: StoredRecord, change: Change): DomainEvent | null {
  const [effect] = announce(record, { change }, deps()).effects;
  return effect?.kind === "notify" ? effect.event : null;
}

describe("a change of a record", () => {
  it("is told of tasks and users", ({ expect }) => {
    const told = (["created", "updated", "deleted", "due"] as const).map((change) => [
      eventOf(taskRecord(), change)?.type,
      eventOf(userRecord(), change)?.type,
    ]);
    expect(told).toEqual([
      ["task.created", "user.created"],
      ["task.updated", "user.updated"],
      ["task.deleted", "user.deleted"],
      ["task.due", undefined],
    ]);
  });

  it("is told to nobody where nobody listens", ({ expect }) => {
    const record = taskRecord();
    expect(announce(record, { change: "created" }, { ...deps(), channels: new Map() })).toEqual({
      record,
      effects: [],
    });
  });
});

describe("an event", () => {
  it("of a task carries the task", ({ expect }) => {
    // A record that already remembers who was told of it: that is not told further.
    const { record } = announce(taskRecord("Call Ada", "By phone"), { change: "created" }, deps());
    expect(eventOf(record, "created")).toEqual({
      id: "id-1",
      type: "task.created",
      timestamp: "2026-01-01T00:00:00.000Z",
      recordId: ID,
      origin: null,
      data: {
        id: ID,
        title: "Call Ada",
        description: "By phone",
        priority: "urgent",
        status: "pending",
        assignee_id: null,
        due_at: null,
        metadata: {},
        reply_to: null,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
        version: 1,
      },
    });
  });

  it("of an update tells what was before", ({ expect }) => {
    const before = taskRecord("Call", "By phone");
    const after = taskRecord("Call Ada", "By phone");
    const [effect] = announce(after, { change: "updated", before }, deps()).effects;
    expect(effect).toMatchObject({
      event: { data: { title: "Call Ada", changed: { title: "Call" } } },
    });
    expect(Object.keys(Object(effect?.kind === "notify" && effect.event.data["changed"]))).toEqual([
      "title",
    ]);
  });

  it("of a deletion carries the id and a version alone", ({ expect }) => {
    for (const record of [taskRecord(), userRecord()])
      expect(eventOf(record, "deleted")?.data).toEqual({ id: ID, version: 2 });
  });

  it("stays small however long the description", ({ expect }) => {
    for (const character of ["x", "€", "😀", "\\", '"']) {
      const record = taskRecord("€".repeat(133), character.repeat(10_000 / character.length));
      const json = JSON.stringify(eventOf(record, "updated"));
      expect(new TextEncoder().encode(json).length).toBeLessThan(MAX_PAYLOAD_BYTES);
    }
  });

  it("cuts no character of a description in half", ({ expect }) => {
    const event = eventOf(taskRecord("x", `a${"😀".repeat(4000)}`), "created");
    expect(event?.data["description"]).toMatch(
      /^a(?:😀){499}\ufffd… \(cut: \d+ more characters\)$/u,
    );
  });
});

it("only a task remembers who was told", ({ expect }) => {
  expect(announce(taskRecord(), { change: "created" }, deps()).record).toMatchObject({
    value: { told: ["ops"] },
  });
  expect(announce(userRecord(), { change: "created" }, deps()).record).toEqual(userRecord());
});
