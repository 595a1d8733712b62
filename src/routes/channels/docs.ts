// Documentation of channels. Each example is run as a test, with a channel called `slack`.
import type { Docs } from "../../http/route-docs";

const params = { name: "slack" };

/** Documentation of the routes of channels. */
export const channelDocs: Docs = {
  listChannels: {
    summary: "List channels",
    description:
      "Every channel of CHANNELS with its state, by name; with `owner` where OWNER_EMAIL is set, and `mail`, which carries the Worker's own mails, where MAIL is. As CSV or NDJSON all at once.",
    examples: [{ name: "first", summary: "The first two", query: { limit: "2" } }],
  },
  testChannel: {
    summary: "Send a test",
    description: "An event `channel.test`, delivered as any other.",
    examples: [{ name: "test", summary: "A test of the channel `slack`", params }],
  },
  replayChannel: {
    summary: "Send everything again that failed",
    description:
      "Every notification with this status whose event is no older than `since` is pending again, under its own id and with its schedule anew. Those whose record was deleted are left out.",
    examples: [
      {
        name: "failed",
        summary: "Whatever has failed since a morning",
        params,
        body: { since: "2026-11-22T06:00:00Z", status: "failed" },
      },
    ],
  },
  pauseChannel: {
    summary: "Pause a channel",
    description: "Its notifications wait, those under way come to their end.",
    examples: [{ name: "paused", summary: "Nothing more is sent", params }],
  },
  enableChannel: {
    summary: "Go on with a channel",
    description:
      "One that was paused, that was disabled by its receiver, or that waits because the receiver asked for it.",
    examples: [{ name: "enabled", summary: "What waits is sent", params }],
  },
};
