// Messages in the formats of the services: what a person needs is in them, and what a text holds stays text.
import { describe, it } from "vitest";
import { createEvent, type DomainEvent } from "../../../src/domain/notifications/events";
import {
  chatText,
  digestText,
  encodeHeader,
  toNtfy,
} from "../../../src/domain/notifications/formats";
import { toMail } from "../../../src/domain/notifications/mails";
import { describe as describeEvent, type Message } from "../../../src/domain/notifications/message";

const CONTEXT = {
  publicUrl: "https://app.example",
  nameOf: (id: string) => (id === "u1" ? "Grace Hopper" : null),
};

function event(data: Record<string, unknown>, type: DomainEvent["type"] = "task.created") {
  return createEvent({ id: "e1", type, recordId: "r1", data }, 0);
}

function message(data: Record<string, unknown>, type?: DomainEvent["type"]): Message {
  return describeEvent(event({ title: "Call Ada", ...data }, type), CONTEXT);
}

/** Turns directions, breaks lines, rings, and links. */
const HOSTILE =
  "a\u202eb\u2028Priority: low\u2066 @everyone <!channel> <@U1> [x](https://evil.example)";

describe("a message", () => {
  it("of a task says what a person needs", ({ expect }) => {
    const text = chatText(
      "telegram",
      message({
        priority: "high",
        due_at: "2026-12-01T09:00:00.000Z",
        assignee_id: "u1",
        description: "By phone,\nbefore noon.",
        metadata: { room: "7" },
        changed: { title: "Call" },
      }),
    );
    expect(text.split("\n")).toEqual([
      "New task: Call Ada",
      "Priority: high",
      "Due: 2026-12-01T09:00:00.000Z",
      "Assignee: Grace Hopper",
      "Title before: Call",
      "room: 7",
      "",
      "By phone,",
      "before noon.",
      "",
      "https://app.example/#tasks",
    ]);
  });

  it("of a sign-up has name and address, and is answered there", ({ expect }) => {
    const { subject, replyTo } = message({ name: "Ada", email: "ada@example.com" }, "user.created");
    expect(subject).toBe("New sign-up: Ada <ada@example.com>");
    expect(replyTo).toBe("ada@example.com");
  });

  it.for(["slack", "discord", "telegram"] as const)(
    "to %s keeps a hostile title in its line",
    (type, { expect }) => {
      const honest = chatText(type, message({ priority: "high" })).split("\n");
      const hostile = chatText(type, message({ title: HOSTILE, priority: "high" })).split("\n");
      expect(hostile).toHaveLength(honest.length);
      expect(hostile.slice(1)).toEqual(honest.slice(1));
      expect(hostile[0]).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028]/);
    },
  );

  it("that was cut says so, and is no longer than the service takes", ({ expect }) => {
    const long = message({ description: "<*_>".repeat(4000) });
    for (const [type, most] of [
      ["slack", 4000],
      ["discord", 2000],
      ["telegram", 4096],
    ] as const) {
      const text = chatText(type, long);
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text.length).toBeGreaterThan(most * 0.6);
      expect(text.replaceAll("\\", "")).toContain("… (cut)");
    }
    expect(
      new TextEncoder().encode(chatText("ntfy", message({ description: "€".repeat(9000) }))).length,
    ).toBeLessThanOrEqual(4096);
  });
});

describe("Slack", () => {
  it("gets every &, < and > escaped", ({ expect }) => {
    const text = chatText(
      "slack",
      message({ title: "a & b <!channel>", metadata: { "<k>": "<v>" } }),
    );
    expect(text).toContain("a &amp; b &lt;!channel&gt;");
    expect(text).toContain("&lt;k&gt;: &lt;v&gt;");
  });
});

describe("Discord", () => {
  it("gets addresses as they are, and everything else escaped", ({ expect }) => {
    const text = chatText("discord", message({ title: "see http://x/a_b_c and *bold* _now_" }));
    expect(text).toContain("see http://x/a_b_c and \\*bold\\* \\_now\\_");
  });

  it("shows no masked link, heading, quote, list or mention", ({ expect }) => {
    const text = chatText(
      "discord",
      message({ description: "# h\n> q\n- l\n1. n\n[t](https://e.example)\n<@1>" }),
    );
    expect(text).toContain("\\# h\n\\> q\n\\- l\n1\\. n\n\\[t\\]\\(https://e.example\\)\n\\<@1\\>");
  });
});

it("Telegram links no @name, and leaves addresses", ({ expect }) => {
  const text = chatText("telegram", message({ title: "@admin mail a@b.example" }));
  expect(text).toContain("@\u2060admin mail a@b.example");
});

describe("ntfy", () => {
  it("has title, priority, tags, click and token in headers", ({ expect }) => {
    const { headers } = toNtfy("text", message({ priority: "urgent" }), "task.created", "tk_1");
    expect(headers).toMatchObject({
      title: "New task: Call Ada",
      priority: "5",
      tags: "task.created",
      click: "https://app.example/#tasks",
      authorization: "Bearer tk_1",
    });
  });

  it("has titles of any language by RFC 2047, in words of 75 characters", ({ expect }) => {
    const title = "Neue Aufgabe: Füße 😀 ".repeat(8).trim();
    const encoded = encodeHeader(title);
    const words = encoded.split(" ");
    for (const word of words) {
      expect(word.length).toBeLessThanOrEqual(75);
      expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=$/);
    }
    const bytes = words.map((word) => Uint8Array.fromBase64(word.slice("=?UTF-8?B?".length, -2)));
    expect(bytes.map((each) => new TextDecoder().decode(each)).join("")).toBe(title);
  });
});

describe("a digest", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      message({ title: `Title ${n} ${"x".repeat(180)}`, priority: "high" }),
    );

  it("has a line for each, and is split rather than cut", ({ expect }) => {
    const { text, count } = digestText("discord", many(50));
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThan(50);
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(text.split("\n").filter((line) => line.includes("Title"))).toHaveLength(count);
    expect(text).not.toContain("(cut)");
    expect(text).toMatch(new RegExp(`^${count} messages`));
  });

  it("forges no line", ({ expect }) => {
    const { text, count } = digestText("slack", [message({ title: "a\n• b" }), message({})]);
    expect(count).toBe(2);
    expect(text.split("\n").filter((line) => line.startsWith("•"))).toHaveLength(2);
  });
});

describe("a mail", () => {
  it("has a subject of one line, text, HTML and whom to answer", ({ expect }) => {
    const mail = toMail(
      message({
        title: "x\r\nBcc: evil@example.com",
        description: "<b>",
        reply_to: "ada@example.com",
      }),
      "Serentak <serentak@example.com>",
      ["ops@example.com"],
    );
    expect(mail).toMatchObject({ to: ["ops@example.com"], reply_to: "ada@example.com" });
    expect(mail.subject).toBe("New task: x Bcc: evil@example.com");
    expect(mail.text).toContain("<b>");
    expect(mail.html).toContain("&lt;b&gt;");
    expect(mail.html).not.toContain("<b>");
  });

  it("goes to no list of recipients in one", ({ expect }) => {
    expect(() =>
      toMail(message({}), "a@example.com", ["b@example.com\r\nBcc: c@example.com"]),
    ).toThrow(TypeError);
  });
});
