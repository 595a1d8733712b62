// The only caller of Durable Objects. A call that the platform cut off is repeated with a fresh stub, since a
// stub that saw its object reset stays broken. A refusal that is transient becomes 503 `unavailable` with a
// Retry-After.
import { DomainError } from "../domain/errors";
import { nextMidnight } from "../lib/next-midnight";

const MAX_TRIES = 4;
const FIRST_DELAY_MS = 50;
/** Retry-After if an object is overloaded, or restarts for longer than we retry. */
const RETRY_AFTER_SECONDS = 5;

/**
 * An object whose every method is repeated where the platform says so.
 *
 * @param open makes a fresh stub
 * @param tries of each call; 1 for methods that are not safe to repeat
 */
export function openObject<Methods extends object>(
  open: () => Methods,
  tries = MAX_TRIES,
): Methods {
  // The target is never read. A stub costs microseconds, and many an object that is opened is not called.
  return new Proxy({} as Methods, {
    get(_, name) {
      // A stub must not look like a promise: `await` would call its `then`.
      if (name === "then") return undefined;
      return (...args: unknown[]) => call(() => invoke(open(), name, args), tries);
    },
  });
}

function invoke(stub: object, name: string | symbol, args: unknown[]): Promise<unknown> {
  // A stub has a method for every name that is asked for.
  const method = Reflect.get(stub, name, stub) as (...args: unknown[]) => Promise<unknown>;
  return Reflect.apply(method, stub, args);
}

async function call(run: () => Promise<unknown>, maxTries: number): Promise<unknown> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isCutOff(error) || tries === maxTries) throw toUnavailable(error, Date.now());
      await scheduler.wait(FIRST_DELAY_MS * 2 ** (tries - 1) * (1 + Math.random()));
    }
  }
}

/**
 * True if the object restarted or its code was replaced. An overloaded object must not be called again at
 * once.
 */
function isCutOff(error: unknown): boolean {
  return !has(error, "overloaded") && (has(error, "retryable") || has(error, "durableObjectReset"));
}

/** Converts a transient refusal of the platform to `unavailable`; returns any other error unchanged. */
function toUnavailable(error: unknown, now: number): unknown {
  const retryAfterSeconds = secondsUntil(error, now);
  if (retryAfterSeconds === null) return error;
  return new DomainError(
    "unavailable",
    "What keeps this cannot be reached for now. Try again after the time in Retry-After.",
    { retryAfterSeconds, cause: error },
  );
}

function secondsUntil(error: unknown, now: number): number | null {
  if (isOverQuota(error)) return Math.ceil((nextMidnight(now) - now) / 1000);
  // RPC keeps own fields: one is the object's, the other that of an object which it could not reach itself.
  const { retryAfterSeconds, options } = Object(error);
  const told: unknown = retryAfterSeconds ?? Object(options).retryAfterSeconds;
  if (typeof told === "number") return told;
  return has(error, "overloaded") || isCutOff(error) ? RETRY_AFTER_SECONDS : null;
}

/** True if a daily quota of the plan is spent: "Exceeded allowed rows written in Durable Objects free tier." */
function isOverQuota(error: unknown): boolean {
  return /exceeded allowed .* free tier|limit exceeded for the day/i.test(String(error));
}

function has(error: unknown, flag: "overloaded" | "retryable" | "durableObjectReset"): boolean {
  return typeof error === "object" && error !== null && Reflect.get(error, flag) === true;
}
