// One attempt at a delivery, with receivers and time in the test's hands.
import { describe, it } from "vitest";
import { deliver } from "../../../src/domain/notifications/deliver";
import type { DomainEvent } from "../../../src/domain/notifications/notifications";
import { readConfig } from "../../../src/env";
import { Semaphore } from "../../../src/lib/semaphore";
import { CHANNEL_SECRETS, channelsJson } from "../../support/channel-settings";
import { settle } from "../../support/fake-clock";
import {
  after,
  endless,
  fakeOutgoing,
  silence,
  type FakeOutgoing,
} from "../../support/fake-outgoing";

const TIMEOUT_MS = 20_000;
const EVENT: DomainEvent = {
  id: "e1",
  type: "task.created",
  timestamp: "2026-01-01T00:00:00.000Z",
  text: "Task created: Call Ada (urgent, pending)",
  data: { id: "t1", title: "Call Ada" },
};
const CONFIG = readConfig({ ...CHANNEL_SECRETS, CHANNELS: channelsJson() }).config;

const attemptAt = (outgoing: FakeOutgoing, channel = "hook") =>
  deliver({ id: "d1", channel }, EVENT, { channels: CONFIG.channels, outgoing, email: undefined });

describe("a delivery", () => {
  it("is one POST, signed, and succeeds with 2xx", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response("thanks", { status: 202 }));
    const at = outgoing.clock.epochNow();
    expect(await attemptAt(outgoing)).toEqual({
      status: "succeeded",
      output: { http_status: 202, at },
    });
    expect(outgoing.sent).toMatchObject([
      {
        url: "https://hook.example/in",
        method: "POST",
        headers: { "webhook-id": "msg_d1", "webhook-timestamp": String(at / 1000) },
        redirect: "manual",
      },
    ]);
    expect(outgoing.clock.pending).toBe(0);
  });

  it.for([301, 302, 303, 307, 308])("follows no redirect: %d", async (status, { expect }) => {
    const headers = { Location: "https://elsewhere.example/" };
    const outgoing = fakeOutgoing(() => new Response(null, { status, headers }));
    expect(await attemptAt(outgoing)).toMatchObject({
      status: "failed",
      error: { code: "http-status", http_status: status },
      isFinal: false,
    });
    expect(outgoing.sent).toHaveLength(1);
  });

  it("is attempted once: the schedule does the repeating", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response("busy", { status: 503 }));
    expect(await attemptAt(outgoing)).toMatchObject({
      error: { detail: "The receiver answered 503: busy" },
    });
    expect(outgoing.sent).toHaveLength(1);
    expect(outgoing.clock.pending).toBe(0);
  });

  it("ends after 20 seconds of silence", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent) => silence(sent));
    const at = outgoing.clock.epochNow();
    const attempt = attemptAt(outgoing);
    await outgoing.clock.advance(TIMEOUT_MS - 1);
    expect(outgoing.sent[0]?.signal.aborted).toBe(false);
    await outgoing.clock.advance(1);
    expect(await attempt).toMatchObject({ status: "failed", error: { code: "timeout", at } });
    expect(outgoing.sent[0]?.signal.aborted).toBe(true);
    expect(outgoing.clock.pending).toBe(0);
  });

  it("succeeds with an answer that comes late but in time", async ({ expect }) => {
    const outgoing: FakeOutgoing = fakeOutgoing((sent) =>
      after(TIMEOUT_MS - 1, outgoing.clock, sent, new Response(null, { status: 204 })),
    );
    const attempt = attemptAt(outgoing);
    await outgoing.clock.advance(TIMEOUT_MS - 1);
    expect(await attempt).toMatchObject({ status: "succeeded" });
  });

  it("does not wait for the body of a success", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent) => new Response(endless(sent, "so far")));
    expect(await attemptAt(outgoing)).toMatchObject({ status: "succeeded" });
  });

  it("reads no more of a failure than its beginning", async ({ expect }) => {
    const outgoing = fakeOutgoing(
      (sent) => new Response(endless(sent, "x".repeat(2000)), { status: 500 }),
    );
    expect(await attemptAt(outgoing)).toMatchObject({
      error: { detail: `The receiver answered 500: ${"x".repeat(200)}` },
    });
  });

  it("fails without a connection, and quotes nobody", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => {
      throw new Error(`connect ECONNREFUSED ${CHANNEL_SECRETS.CHAT_PATH}`);
    });
    const attempt = await attemptAt(outgoing, "slack");
    expect(attempt).toMatchObject({ status: "failed", error: { code: "network" } });
    expect(JSON.stringify(attempt)).not.toContain("not-to-be-told");
  });

  it("hides the secrets of its URL where the receiver echoes them", async ({ expect }) => {
    const outgoing = fakeOutgoing(
      ({ url }) => new Response(`Cannot POST ${new URL(url).pathname}`, { status: 404 }),
    );
    for (const channel of ["slack", "discord"]) {
      const attempt = await attemptAt(outgoing, channel);
      expect(attempt).toMatchObject({ error: { detail: expect.stringContaining("Cannot POST") } });
      expect(JSON.stringify(attempt)).not.toContain("not-to-be-told");
    }
    expect(outgoing.sent[0]?.url).toContain("not-to-be-told");
  });

  it.for([
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:10:00 GMT", 600_000],
    ["999999999", 24 * 3_600_000],
    ["soon", undefined],
  ] as const)("passes on Retry-After: %s", async ([value, retryAfterMs], { expect }) => {
    const outgoing = fakeOutgoing(
      () => new Response(null, { status: 429, headers: { "Retry-After": value } }),
    );
    const attempt = await attemptAt(outgoing);
    expect(attempt).toMatchObject({ status: "failed", isFinal: false });
    expect("retryAfterMs" in attempt ? attempt.retryAfterMs : undefined).toBe(retryAfterMs);
  });

  it("is not held up by another that hangs, however few connections are allowed", async ({
    expect,
  }) => {
    const outgoing = fakeOutgoing(
      (sent) => (sent.url.includes("hook") ? silence(sent) : new Response("ok")),
      { slots: new Semaphore(1) },
    );
    const hanging = attemptAt(outgoing, "hook");
    await settle();
    expect(await attemptAt(outgoing, "ntfy")).toMatchObject({ status: "succeeded" });
    await outgoing.clock.advance(TIMEOUT_MS);
    expect(await hanging).toMatchObject({ error: { code: "timeout" } });
  });

  it("to a channel that CHANNELS no longer has fails, until it is there again", async ({
    expect,
  }) => {
    const outgoing = fakeOutgoing(() => new Response("ok"));
    const attempt = await attemptAt(outgoing, "gone");
    expect(attempt).toMatchObject({ status: "failed", error: { code: "unknown-channel" } });
    expect(attempt).not.toHaveProperty("isFinal");
    expect(outgoing.sent).toEqual([]);
  });
});

describe("an e-mail", () => {
  const CHANNELS = { mail: { type: "email", to: "ops@example.com", from: "serentak@example.com" } };
  type Send = (message: Record<string, string>) => Promise<unknown>;
  const mail = (send: Send) => {
    const { channels } = readConfig({ CHANNELS, EMAIL: { send } }).config;
    const outgoing = fakeOutgoing(() => new Response("ok"));
    const delivery = { id: "d1", channel: "mail" };
    const attempt = deliver(delivery, EVENT, { channels, outgoing, email: { send } });
    return { outgoing, attempt };
  };

  it("goes through the binding, with the event in its text", async ({ expect }) => {
    const messages: Record<string, string>[] = [];
    const { attempt, outgoing } = mail(async (message) => void messages.push(message));
    expect(await attempt).toEqual({
      status: "succeeded",
      output: { at: outgoing.clock.epochNow() },
    });
    expect(messages).toEqual([
      {
        from: "serentak@example.com",
        to: "ops@example.com",
        subject: "Task created: Call Ada (urgent, pending)",
        text: expect.stringContaining('"title": "Call Ada"'),
      },
    ]);
    expect(outgoing.sent).toEqual([]);
    expect(outgoing.clock.pending).toBe(0);
  });

  it.for([
    ["E_RATE_LIMIT_EXCEEDED", false],
    ["E_DELIVERY_FAILED", false],
    ["E_RECIPIENT_NOT_ALLOWED", true],
    ["E_SENDER_NOT_VERIFIED", true],
  ] as const)("that is refused with %s is final: %s", async ([code, isFinal], { expect }) => {
    const error = Object.assign(new Error("ops@example.com is no good"), { code });
    const detail = "The e-mail binding refused the message.";
    expect(await mail(() => Promise.reject(error)).attempt).toMatchObject({
      status: "failed",
      error: { code, detail },
      isFinal,
    });
  });

  it("that fails without a code is tried again", async ({ expect }) => {
    expect(await mail(() => Promise.reject(new Error("oops"))).attempt).toMatchObject({
      error: { code: "email-failed" },
      isFinal: false,
    });
  });

  it("is given up after 20 seconds of silence", async ({ expect }) => {
    const { attempt, outgoing } = mail(() => new Promise(() => undefined));
    await outgoing.clock.advance(TIMEOUT_MS);
    expect(await attempt).toMatchObject({ error: { code: "timeout" }, isFinal: false });
  });

  it("says so when the binding has gone", async ({ expect }) => {
    const { channels } = readConfig({ CHANNELS, EMAIL: { send: () => undefined } }).config;
    const outgoing = fakeOutgoing(() => new Response("ok"));
    const context = { channels, outgoing, email: undefined };
    expect(await deliver({ id: "d1", channel: "mail" }, EVENT, context)).toMatchObject({
      status: "failed",
      error: { code: "no-email-binding" },
    });
  });
});
