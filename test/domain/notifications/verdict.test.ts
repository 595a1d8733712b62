import { describe, it } from "vitest";
import type { ChannelType } from "../../../src/domain/notifications/channels";
import { judge } from "../../../src/domain/notifications/verdict";

const NOW = Date.UTC(2026, 0, 1);

function verdict(
  type: ChannelType,
  status: number,
  headers: Record<string, string> = {},
  text: string | null = null,
) {
  return judge(type, { status, headers: new Headers(headers), text }, NOW);
}

describe("success", () => {
  it("is 2xx alone", ({ expect }) => {
    for (const status of [200, 201, 204, 299])
      expect(verdict("webhook", status)).toMatchObject({ kind: "delivered" });
    for (const status of [301, 302, 307, 400, 403, 500])
      expect(verdict("webhook", status)).toMatchObject({ kind: "failed" });
  });
});

describe("a channel is disabled", () => {
  it("by 410, of chat services by 401 and 404 as well", ({ expect }) => {
    for (const type of ["webhook", "slack", "ntfy"] as const)
      expect(verdict(type, 410)).toMatchObject({ kind: "disable" });
    for (const status of [401, 404]) {
      for (const type of ["slack", "discord", "telegram", "ntfy"] as const)
        expect(verdict(type, status)).toMatchObject({ kind: "disable" });
      expect(verdict("webhook", status)).toMatchObject({ kind: "failed" });
    }
  });
});

describe("flow control", () => {
  it.for([
    ["webhook", { "Retry-After": "60" }, null, 60_000],
    ["webhook", { "Retry-After": "0.5" }, null, 500],
    ["webhook", { "Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT" }, null, 60_000],
    ["webhook", {}, null, null],
    ["slack", { "Retry-After": "30" }, null, 30_000],
    ["discord", { "X-RateLimit-Reset-After": "1.25", "Retry-After": "1250" }, null, 1250],
    ["discord", { "Retry-After": "2500" }, '{"retry_after": 2.5}', 2500],
    ["discord", { "Retry-After": "2500" }, null, 2500],
    ["discord", { "Retry-After": "65" }, "<html>", 65_000],
    ["telegram", {}, '{"ok":false,"parameters":{"retry_after":5}}', 5000],
  ] as const)("of %s by %o and %s waits %s ms", ([type, headers, text, waitMs], { expect }) => {
    expect(verdict(type, 429, headers, text)).toMatchObject({ kind: "wait", waitMs });
  });

  it("of a 503 is only what says how long", ({ expect }) => {
    expect(verdict("webhook", 503)).toMatchObject({ kind: "failed" });
    expect(verdict("webhook", 503, { "Retry-After": "7" })).toMatchObject({
      kind: "wait",
      waitMs: 7000,
    });
  });
});
