// The channels of the tests' deployment, as vitest.config.ts sets them up.
import { env } from "cloudflare:workers";
import * as v from "valibot";

const Settings = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.looseObject({})));
const Secrets = v.object({
  HOOK_SECRET: v.string(),
  NEXT_SECRET: v.string(),
  CHAT_PATH: v.string(),
});

/** Values of the variables that CHANNELS refers to. */
export const CHANNEL_SECRETS = v.parse(Secrets, env);

/** CHANNELS as the variable holds it, with these subscriptions by channel. */
export function channelsJson(events: Readonly<Record<string, readonly string[]>> = {}): string {
  const channels = v.parse(Settings, Reflect.get(env, "CHANNELS"));
  const entries = Object.entries(channels).map(([name, settings]) => [
    name,
    Object.assign(settings, { events: events[name] ?? [] }),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
