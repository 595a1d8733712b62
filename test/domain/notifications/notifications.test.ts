// What is sent to each kind of channel, when, and what an answer means.
import * as v from "valibot";
import { describe, it } from "vitest";
import {
  ChannelsSettings,
  createChannel,
  type Channel,
} from "../../../src/domain/notifications/channels";
import { advance, NEVER_RUN, type ItemState } from "../../../src/domain/jobs/job";
import {
  createRequest,
  deliveryDelay,
  Notification,
  toDeliveryAttempt,
  toNotification,
  type DomainEvent,
} from "../../../src/domain/notifications/notifications";
import { FetchFailure } from "../../../src/domain/outgoing/outgoing-fetch";
import { verifyWebhook } from "../../support/verify-webhook";

const NOW = Date.UTC(2026, 0, 1);
const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const SECRET = `whsec_${btoa("a".repeat(24))}`;
const NEXT_SECRET = `whsec_${btoa("b".repeat(24))}`;
const DELIVERY = { id: "0190f5ac-7a5c-7c3e-8a3a-0123456789ab", channel: "ops" };

function eventOf(text: string, data: Record<string, unknown> = { id: "t1" }): DomainEvent {
  return { id: "e1", type: "task.created", timestamp: new Date(NOW).toISOString(), text, data };
}

type UrlChannel = Exclude<Channel, { type: "email" }>;

function channel(settings: Record<string, unknown>): UrlChannel {
  const { ops } = v.parse(ChannelsSettings, { ops: { url: "https://a.example/in", ...settings } });
  if (ops === undefined) throw new Error("No settings");
  const made = createChannel("ops", ops, () => undefined);
  if (made.type === "email") throw new Error("Has no URL");
  return made;
}

describe("the schedule", () => {
  const STEPS_S = [0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600];
  const SCHEDULE_MS = [...STEPS_S, 24 * 3600].map((seconds) => seconds * SECOND_MS);

  it("is the one of the specification, and ends after ten attempts", ({ expect }) => {
    expect(SCHEDULE_MS.map((_, attempts) => deliveryDelay(attempts, () => 0))).toEqual(SCHEDULE_MS);
    expect(deliveryDelay(SCHEDULE_MS.length, () => 0)).toBeNull();
    const totalMs = SCHEDULE_MS.reduce((sum, ms) => sum + ms, 0);
    expect(totalMs / SECOND_MS).toBe(75 * 3600 + 35 * 60 + 5);
  });

  it("has jitter that only ever adds, at most a tenth", ({ expect }) => {
    for (const [attempts, ms] of SCHEDULE_MS.entries()) {
      const delay = deliveryDelay(attempts, () => 0.999_999) ?? 0;
      expect(delay).toBeGreaterThanOrEqual(ms);
      expect(delay).toBeLessThanOrEqual(ms * 1.1);
      expect(deliveryDelay(attempts, () => 0.5)).toBe(ms * 1.05);
      expect(deliveryDelay(attempts, () => 1 / 3)).toSatisfy(Number.isInteger);
    }
  });
});

describe("a webhook", () => {
  it("carries type, time of the event and data, signed at the attempt", async ({ expect }) => {
    const at = Date.now();
    const request = await createRequest(
      channel({ type: "webhook", secret: SECRET }),
      DELIVERY,
      eventOf("x", { id: "t1", title: "Zoë 😀" }),
      at,
    );
    expect(request.url.href).toBe("https://a.example/in");
    expect(request.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": `msg_${DELIVERY.id}`,
      "webhook-timestamp": String(Math.floor(at / SECOND_MS)),
    });
    expect(request.headers["webhook-id"]).not.toContain(".");
    expect(verifyWebhook(SECRET, request.body, request.headers)).toEqual({
      type: "task.created",
      timestamp: "2026-01-01T00:00:00.000Z",
      data: { id: "t1", title: "Zoë 😀" },
    });
  });

  it("keeps its id and body over attempts, and signs each anew", async ({ expect }) => {
    const hook = channel({ type: "webhook", secret: [SECRET, NEXT_SECRET] });
    const [first, second] = await Promise.all(
      [Date.now() - 7 * SECOND_MS, Date.now()].map((at) =>
        createRequest(hook, DELIVERY, eventOf("x"), at),
      ),
    );
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
    expect(second?.headers["webhook-signature"]).not.toBe(first?.headers["webhook-signature"]);
    for (const { body, headers } of [first, second].filter((request) => request !== undefined)) {
      for (const secret of [SECRET, NEXT_SECRET]) verifyWebhook(secret, body, headers);
    }
  });
});

/** What a channel of this type is sent for an event with this line. */
function requestOf(type: string, text: string) {
  return createRequest(channel({ type }), DELIVERY, eventOf(text), NOW);
}

describe("a title cannot ring everywhere or forge a message", () => {
  const TITLES = [
    "@everyone @here <@&123>",
    "<!channel> <!here|here> <https://evil.example|click>",
    "a\r\nX-Injected: 1",
    '"},"text":"forged',
    "&lt;!channel&gt;",
  ];

  it.for(TITLES)("in Slack: %j", async (title, { expect }) => {
    const { body } = await requestOf("slack", title);
    const message = v.parse(v.strictObject({ text: v.string() }), JSON.parse(body));
    expect(message.text).not.toMatch(/[<>]/);
    const shown = message.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    expect(shown.replaceAll("&amp;", "&")).toBe(title);
  });

  it.for(TITLES)("in Discord: %j", async (title, { expect }) => {
    const { body } = await requestOf("discord", title);
    const { content, ...rest } = v.parse(v.looseObject({ content: v.string() }), JSON.parse(body));
    expect(content.replaceAll(/\\(.)/g, "$1")).toBe(title);
    expect(content).not.toMatch(/(?<!\\)[*_~|`>[\]()]/);
    expect(rest).toEqual({ allowed_mentions: { parse: [] } });
  });

  it.for(TITLES)("in ntfy: %j", async (title, { expect }) => {
    const { body, headers } = await requestOf("ntfy", title);
    expect(body).toBe(title);
    expect(headers["title"]).toBe("task.created");
    expect(JSON.stringify(headers)).not.toContain("Injected");
  });

  it("nor make a message too long for Discord", async ({ expect }) => {
    const { body } = await requestOf("discord", "x".repeat(5000));
    const { content } = v.parse(v.object({ content: v.string() }), JSON.parse(body));
    expect(content).toHaveLength(2000);
  });

  it("and every request says who sends it", async ({ expect }) => {
    for (const type of ["slack", "discord", "ntfy"]) {
      expect((await requestOf(type, "x")).headers["user-agent"]).toBe("serentak");
    }
  });
});

/** What an answer makes of an attempt. */
function answer(
  status: number,
  { headers = {}, body = "" }: { headers?: Record<string, string>; body?: string } = {},
  parts: { retryAfterMs?: number | null; secrets?: string[] } = {},
) {
  const result = {
    url: "https://a.example/in",
    status,
    headers: new Headers(headers),
    bytes: Uint8Array.from(new TextEncoder().encode(body)),
    redirects: 0,
  };
  return toDeliveryAttempt({ result }, { at: NOW, retryAfterMs: null, secrets: [], ...parts });
}

describe("an answer", () => {
  it.for([200, 201, 202, 204, 299])("of %d is success", (status, { expect }) => {
    const body = "private words of the receiver";
    expect(answer(status, { body })).toEqual({
      status: "succeeded",
      output: { http_status: status, at: NOW },
    });
  });

  it.for([300, 301, 302, 304, 307, 308, 400, 401, 404, 408, 429, 500, 503])(
    "of %d is a failure that is tried again",
    (status, { expect }) => {
      expect(answer(status)).toEqual({
        status: "failed",
        isFinal: false,
        error: {
          code: "http-status",
          detail: `The receiver answered ${status}.`,
          http_status: status,
          at: NOW,
        },
      });
    },
  );

  it.for([
    [410, {}],
    [500, { "webhook-delivery": "abort-message" }],
    [400, { "webhook-delivery": "disable" }],
  ] as const)("of %d with %j ends the delivery", ([status, headers], { expect }) => {
    expect(answer(status, { headers })).toMatchObject({ status: "failed", isFinal: true });
  });

  it("asks in vain to end what has succeeded, or what it has no word for", ({ expect }) => {
    const abort = { headers: { "webhook-delivery": "abort-message" } };
    expect(answer(200, abort)).toMatchObject({ status: "succeeded" });
    expect(answer(500, { headers: { "webhook-delivery": "later" } })).toMatchObject({
      isFinal: false,
    });
  });

  it("is quoted in two hundred characters at most", ({ expect }) => {
    for (const body of ["x".repeat(5000), "é".repeat(300), `${"x".repeat(199)}😀`, "\xff\xfe"]) {
      const attempt = answer(500, { body });
      const detail = attempt.status === "failed" ? attempt.error.detail : "";
      const excerpt = detail.replace("The receiver answered 500: ", "");
      expect(excerpt.length).toBeGreaterThan(0);
      expect(excerpt.length).toBeLessThanOrEqual(200);
      expect(excerpt.isWellFormed()).toBe(true);
    }
  });

  it("is quoted without the channel's secrets", ({ expect }) => {
    const body = "Cannot POST /services/T0/not-to-be-told, not%2Dto%2Dbe-told";
    const attempt = answer(404, { body }, { secrets: ["not-to-be-told", "T0/not-to-be-told"] });
    expect(attempt).toMatchObject({ error: { detail: expect.stringContaining("Cannot POST") } });
    expect(JSON.stringify(attempt)).not.toContain("not-to-be-told");
  });

  it("with Retry-After puts off the next attempt, but not for more than a day", ({ expect }) => {
    const schedule = { retryDelay: (attempts: number) => deliveryDelay(attempts, () => 0) };
    const nextAfter = (retryAfterMs: number | null) => {
      const state = advance(NEVER_RUN, answer(429, {}, { retryAfterMs }), schedule, NOW);
      return state.status === "pending" ? state.dueAt - NOW : null;
    };
    expect(nextAfter(null)).toBe(5 * SECOND_MS);
    expect(nextAfter(0)).toBe(5 * SECOND_MS);
    expect(nextAfter(120 * SECOND_MS)).toBe(120 * SECOND_MS);
    expect(nextAfter(HOUR_MS)).toBe(HOUR_MS);
    expect(nextAfter(999_999_999 * SECOND_MS)).toBe(24 * HOUR_MS);
  });

  it("that never came is a failure that says why", ({ expect }) => {
    const result = new FetchFailure("timeout", "No answer within 20000 ms.");
    const parts = { at: NOW, retryAfterMs: null, secrets: [] };
    expect(toDeliveryAttempt({ result }, parts)).toEqual({
      status: "failed",
      error: { code: "timeout", detail: "No answer within 20000 ms.", at: NOW },
    });
  });
});

describe("a notification shows", () => {
  const NOTICE = { ...DELIVERY, event: "task.created", eventId: "e1", at: NOW } as const;
  const shown = (state: ItemState | undefined) =>
    v.parse(Notification, toNotification(NOTICE, state));
  const error = { code: "http-status", detail: "No.", http_status: 503, at: NOW };
  const untouched = {
    last_attempt_at: null,
    next_attempt_at: null,
    http_status: null,
    error: null,
  };

  it("what is to come", ({ expect }) => {
    const pending = { ...DELIVERY, event: "task.created", status: "pending", attempts: 0 };
    expect(shown(undefined)).toEqual({ ...pending, ...untouched });
    expect(shown(NEVER_RUN)).toEqual({ ...pending, ...untouched });
  });

  it("what failed and is tried again", ({ expect }) => {
    const state = { status: "pending", attempts: 2, dueAt: NOW + 300 * SECOND_MS, error } as const;
    expect(shown(state)).toMatchObject({
      status: "pending",
      attempts: 2,
      last_attempt_at: "2026-01-01T00:00:00.000Z",
      next_attempt_at: "2026-01-01T00:05:00.000Z",
      http_status: 503,
      error: { code: "http-status", detail: "No." },
    });
  });

  it("what arrived", ({ expect }) => {
    const state = {
      status: "succeeded",
      attempts: 3,
      output: { http_status: 204, at: NOW },
    } as const;
    expect(shown(state)).toMatchObject({
      status: "delivered",
      attempts: 3,
      last_attempt_at: "2026-01-01T00:00:00.000Z",
      next_attempt_at: null,
      http_status: 204,
      error: null,
    });
  });

  it("what failed for good, also without an answer", ({ expect }) => {
    expect(shown({ status: "failed", attempts: 10, error })).toMatchObject({
      status: "failed",
      http_status: 503,
      next_attempt_at: null,
    });
    const crashed = { code: "crashed", detail: "Ended its process." };
    expect(shown({ status: "failed", attempts: 1, error: crashed })).toMatchObject({
      status: "failed",
      last_attempt_at: null,
      http_status: null,
      error: crashed,
    });
  });
});
