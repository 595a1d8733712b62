// The channels of the tests' deployment. None subscribes to anything, so that a test hears only of what
// it named; where they lead is answered by a spied `fetch`.

/** Values of the variables that CHANNELS refers to. */
export const CHANNEL_SECRETS = {
  HOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  NEXT_SECRET: "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWNoYW5uZWwtMzI=",
  CHAT_PATH: "T0001/B0002/not-to-be-told",
};

const CHANNELS = {
  hook: { type: "webhook", url: "https://hook.example/in", secret: "${HOOK_SECRET}" },
  rotating: {
    type: "webhook",
    url: "https://rotating.example/in",
    secret: ["${HOOK_SECRET}", "${NEXT_SECRET}"],
  },
  slack: { type: "slack", url: "https://slack.example/services/${CHAT_PATH}" },
  discord: { type: "discord", url: "https://discord.example/api/webhooks/1/${CHAT_PATH}" },
  ntfy: { type: "ntfy", url: "https://ntfy.example/alerts" },
};

/** CHANNELS as the variable holds it, with these subscriptions by channel. */
export function channelsJson(events: Readonly<Record<string, readonly string[]>> = {}): string {
  const entries = Object.entries(CHANNELS).map(([name, settings]) => [
    name,
    { ...settings, events: events[name] ?? [] },
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
