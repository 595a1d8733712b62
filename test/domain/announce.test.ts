import { describe, it } from "vitest";
import { createEvent, eventTypeOf, rememberNotices } from "../../src/domain/announce";
import type { StoredRecord } from "../../src/domain/records";
import { createTask } from "../../src/domain/tasks";

const ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const NOW = Date.UTC(2026, 0, 1);
const MAX_PAYLOAD_BYTES = 20_000;

function taskRecord(title = "Call Ada", description: string | null = null): StoredRecord {
  const body = { title, description, priority: "urgent", assignee_id: null, due_at: null } as const;
  return { kind: "task", value: createTask({ ...body, notify: [] }, { id: ID, now: NOW }) };
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
      created_at: instant,
      updated_at: instant,
      version: 1,
    },
  };
}

describe("what happens to a record", () => {
  it("is told of tasks always, of users when they sign up", ({ expect }) => {
    const told = (["created", "updated", "deleted"] as const).map((happening) => [
      eventTypeOf(taskRecord(), happening),
      eventTypeOf(userRecord(), happening),
    ]);
    expect(told).toEqual([
      ["task.created", "user.created"],
      ["task.updated", null],
      ["task.deleted", null],
    ]);
  });
});

describe("an event", () => {
  it("of a task carries the task and a line for people", ({ expect }) => {
    const record = taskRecord("Call Ada", "By phone");
    const { value } = rememberNotices(record, [
      { id: "n1", channel: "ops", event: "task.created", eventId: "e1", at: NOW },
    ]);
    const told = createEvent("task.created", { kind: "task", value } as StoredRecord, "e1", NOW);
    expect(told).toEqual({
      id: "e1",
      type: "task.created",
      timestamp: "2026-01-01T00:00:00.000Z",
      text: "Task created: Call Ada (urgent, pending)",
      data: {
        id: ID,
        title: "Call Ada",
        description: "By phone",
        priority: "urgent",
        status: "pending",
        assignee_id: null,
        due_at: null,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
        version: 1,
      },
    });
  });

  it("of a user leaves out the metadata", ({ expect }) => {
    const { text, data } = createEvent("user.created", userRecord(), "e1", NOW);
    expect(text).toBe("User created: Ada");
    expect(data).toMatchObject({ name: "Ada", email: "ada@example.com", age: 36 });
    expect(JSON.stringify(data)).not.toContain("4111");
  });

  it("stays small however long the description", ({ expect }) => {
    for (const character of ["x", "€", "😀", "\u0001", '"']) {
      const record = taskRecord("€".repeat(133), character.repeat(10_000 / character.length));
      const json = JSON.stringify(createEvent("task.updated", record, "e1", NOW));
      expect(new TextEncoder().encode(json).length).toBeLessThan(MAX_PAYLOAD_BYTES);
    }
  });

  it("cuts no character of a description in half", ({ expect }) => {
    const { data } = createEvent(
      "task.created",
      taskRecord("x", `a${"😀".repeat(4000)}`),
      "e1",
      NOW,
    );
    expect(data["description"]).toMatch(/^a(?:😀){499}\ufffd$/u);
  });
});

it("only a task remembers who was told", ({ expect }) => {
  const notices = [
    { id: "n1", channel: "ops", event: "user.created", eventId: "e1", at: NOW },
  ] as const;
  expect(rememberNotices(userRecord(), notices)).toEqual(userRecord());
  expect(rememberNotices(taskRecord(), notices)).toMatchObject({ value: { notices } });
});
