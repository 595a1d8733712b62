// The meaning of a receiver's answer, by its status and headers, with the dialects of the chat services.
import { parseRetryAfter } from "../../lib/retry-delay";
import type { Verdict } from "./channel-lifecycle";
import { CHAT_TYPES, type ChannelType } from "./channels";

/** An answer as far as it decides. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of its body, or null where that did not come in time or could not be read. */
  readonly text: string | null;
}

/** Judges an answer. 2xx alone is success; a redirect is a failure, as it is not followed. */
export function judge(type: ChannelType, answer: Answer, nowEpochMs: number): Verdict {
  const { status: httpStatus, headers } = answer;
  if (httpStatus >= 200 && httpStatus < 300) return { kind: "delivered", httpStatus };
  const error = { code: "http-status", detail: `The receiver answered ${httpStatus}.` };
  const waitMs = waitOf(type, answer, nowEpochMs);
  if (httpStatus === 429 || (httpStatus === 503 && waitMs !== null))
    return { kind: "wait", httpStatus, error, waitMs };
  const wish = headers.get("webhook-delivery");
  if (isEnd(type, httpStatus) || wish === "disable") return { kind: "disable", httpStatus, error };
  return { kind: "failed", httpStatus, error, isFinal: wish === "abort-message" };
}

/** True if the channel is no more; of a chat service 401 and 404 say so, too. */
function isEnd(type: ChannelType, status: number): boolean {
  return status === 410 || (CHAT_TYPES.has(type) && (status === 404 || status === 401));
}

/** Seconds above which a number of Discord's means milliseconds, as its older versions send them. */
const MOST_DISCORD_SECONDS = 1000;

/** Milliseconds that an answer asks to wait; null where it does not say. */
function waitOf(type: ChannelType, { headers, text }: Answer, now: number): number | null {
  const field = headers.get("Retry-After");
  const told = parseSeconds(field) ?? parseRetryAfter(field, now);
  if (type === "telegram") return secondsIn(text, "parameters", "retry_after") ?? told;
  if (type !== "discord") return told;
  const exact =
    parseSeconds(headers.get("X-RateLimit-Reset-After")) ?? secondsIn(text, "retry_after");
  if (exact !== null || told === null) return exact;
  return told >= MOST_DISCORD_SECONDS * 1000 ? told / 1000 : told;
}

/** Seconds with or without a fraction, in milliseconds; null for anything else. */
function parseSeconds(text: string | null): number | null {
  return text !== null && /^\s*\d{1,10}(?:\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : null;
}

/** The seconds that stand at a place of a JSON text, in milliseconds; null where there are none. */
function secondsIn(text: string | null, ...path: readonly string[]): number | null {
  try {
    let value: unknown = JSON.parse(text ?? "");
    for (const name of path) value = Reflect.get(Object(value), name);
    return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value * 1000 : null;
  } catch {
    return null;
  }
}
