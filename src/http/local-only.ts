// Settings that are good for a local Worker alone: under any other address they are refused.
import type { Config } from "../env";
import { ConfigError } from "../variables";
import { isLoopback } from "../lib/is-loopback";

/** Refuses the outbox, which sends no mail, in a Worker that others can reach. @throws ConfigError */
export function refuseOutbox({ mail }: Pick<Config, "mail">, origin: string): void {
  if (mail?.via !== "outbox" || isLoopback(new URL(origin).hostname)) return;
  throw new ConfigError("MAIL: via: outbox sends nothing, and is for a local Worker alone");
}

/** Refuses a challenge that everybody passes in a Worker that others can reach. @throws ConfigError */
export function refuseDummySecret({ turnstile }: Pick<Config, "turnstile">, origin: string): void {
  if (turnstile === null || !turnstile.isDummy || isLoopback(new URL(origin).hostname)) return;
  throw new ConfigError("TURNSTILE_SECRET is one of Cloudflare's for tests");
}
