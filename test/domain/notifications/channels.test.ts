import * as v from "valibot";
import { describe, it } from "vitest";
import {
  ChannelsSettings,
  createChannel,
  type Channel,
} from "../../../src/domain/notifications/channels";
import { ChannelName, channelsFor } from "../../../src/domain/notifications/channel-names";
import { EVENT_TYPES } from "../../../src/domain/notifications/events";

const KEY = `whsec_${btoa("a".repeat(24))}`;
const NEXT_KEY = `whsec_${btoa("b".repeat(24))}`;
const SECRETS: Record<string, string> = {
  KEY,
  BOTH: `${KEY}, ${NEXT_KEY}`,
  SLACK_URL: "https://hooks.slack.com/services/T0/B0/long-secret-path?key=long-query-key",
};

/** A channel from settings as they stand in CHANNELS. */
function channel(settings: Record<string, unknown>): Channel {
  const { ops } = v.parse(ChannelsSettings, { ops: settings });
  if (ops === undefined) throw new Error("No settings");
  const mailFrom = "serentak@example.com";
  return createChannel("ops", ops, { secret: (name) => SECRETS[name], mailFrom });
}

const webhook = (secret: unknown, url = "https://hook.example/in") =>
  channel({ type: "webhook", url, secret });
const ntfy = (name: string, events: string[]): Channel => ({
  ...channel({ type: "ntfy", url: "https://ntfy.example/t", events }),
  name,
});

describe("the settings of a channel", () => {
  it("of each type make a channel", ({ expect }) => {
    expect(webhook("${KEY}")).toMatchObject({ name: "ops", type: "webhook", events: [] });
    for (const type of ["slack", "discord", "ntfy"]) {
      const url = new URL("https://chat.example/x");
      expect(channel({ type, url: "https://chat.example/x" })).toMatchObject({ type, url });
    }
    const email = { type: "email", to: "ops@example.com" };
    expect(channel(email)).toMatchObject({
      type: "email",
      to: ["ops@example.com"],
      from: "serentak@example.com",
    });
    expect(channel({ type: "telegram", token: "1:a", chat: -100 })).toMatchObject({
      url: new URL("https://api.telegram.org/bot1:a/sendMessage"),
    });
  });

  it("have one secret or two, in a list or in one variable", ({ expect }) => {
    const [one, two] = ["a", "b"].map((letter) => new TextEncoder().encode(letter.repeat(24)));
    expect(webhook("${KEY}")).toMatchObject({ keys: [one] });
    expect(webhook(["${KEY}", NEXT_KEY])).toMatchObject({ keys: [one, two] });
    expect(webhook("${BOTH}")).toMatchObject({ keys: [one, two] });
  });

  it.for([
    ["an unknown type", { type: "fax", url: "https://a.example" }],
    ["an unknown member", { type: "slack", url: "https://a.example", urls: [] }],
    ["a webhook without a secret", { type: "webhook", url: "https://a.example" }],
    ["no secret at all", { type: "webhook", url: "https://a.example", secret: [] }],
    ["three secrets", { type: "webhook", url: "https://a.example", secret: [KEY, KEY, KEY] }],
    ["a url that is none", { type: "slack", url: "hooks" }],
    ["a url of another scheme", { type: "slack", url: "ftp://a.example" }],
    ["credentials, which fetch would drop", { type: "ntfy", url: "https://me:pw@a.example" }],
    ["a secret that is not set", { type: "slack", url: "https://a.example/${NO_SUCH}" }],
    [
      "an event that does not exist",
      { type: "slack", url: "https://a.example", events: ["task.create"] },
    ],
    [
      "a pattern that matches nothing",
      { type: "slack", url: "https://a.example", events: ["tsk.*"] },
    ],
    ["e-mail to nobody", { type: "email", from: "a@example.com" }],
    [
      "e-mail with a header of its own",
      { type: "email", to: "a@example.com\r\nBcc: b@example.com" },
    ],
    [
      "a digest of what is signed",
      { type: "webhook", url: "https://a.example", secret: KEY, digest: true },
    ],
    ["a rate that is none", { type: "slack", url: "https://a.example", rate: "fast" }],
  ] as const)("may not have %s", ([, settings], { expect }) => {
    expect(() => channel(settings)).toThrow(Error);
  });

  it("are refused without their secrets being quoted", ({ expect }) => {
    const password = "correct-horse-battery-staple";
    for (const wrong of [password, `whsec_${password}`, `${KEY} ${password}`]) {
      expect(() => webhook(wrong)).toThrow(
        /^ops\.secret: not whsec_ followed by base64 of 24 to 64 bytes$/,
      );
    }
    expect(() => webhook("${KEY}", `nowhere://${password}`)).toThrow(
      /^ops\.url: not an http\(s\) URL$/,
    );
    expect(() => webhook("${KEY}", `https://me:${password}@a.example`)).toThrow(
      /^ops\.url: holds a user name or password$/,
    );
  });

  it("tell what of the URL a receiver must not echo into view", ({ expect }) => {
    expect(channel({ type: "slack", url: "${SLACK_URL}" })).toMatchObject({
      secrets: expect.arrayContaining([SECRETS["SLACK_URL"], "long-secret-path", "long-query-key"]),
    });
    expect(channel({ type: "slack", url: "https://a.example/a-public-path" })).toMatchObject({
      secrets: [],
    });
  });
});

describe("an event", () => {
  it("goes to the channels that subscribe to it, by name or pattern", ({ expect }) => {
    const channels = [
      ntfy("all", ["*"]),
      ntfy("tasks", ["task.*"]),
      ntfy("some", ["task.created", "user.created"]),
      ntfy("none", []),
    ];
    const receivers = Object.fromEntries(
      EVENT_TYPES.map((type) => [type, channelsFor(type, channels)]),
    );
    expect(receivers).toEqual({
      "task.created": ["all", "tasks", "some"],
      "task.updated": ["all", "tasks"],
      "task.deleted": ["all", "tasks"],
      "task.due": ["all", "tasks"],
      "user.created": ["all", "some"],
      "user.confirmed": ["all"],
      "user.updated": ["all"],
      "user.deleted": ["all"],
      "batch.completed": ["all"],
      "channel.disabled": ["all"],
      "channel.test": ["all"],
      "notification.failed": ["all"],
    });
  });

  it("goes once to a channel that is named for it as well", ({ expect }) => {
    const channels = [ntfy("all", ["*", "task.*"]), ntfy("none", []), ntfy("other", [])];
    expect(channelsFor("task.created", channels, ["none", "all", "none", "gone"])).toEqual([
      "all",
      "none",
    ]);
  });
});

it("a channel's name is a short word", ({ expect }) => {
  for (const name of ["ops", "Ops-2", "a_b", "7"]) expect(v.is(ChannelName, name)).toBe(true);
  for (const name of ["", "-a", "a b", "a/b", "a.b", "ö", "x".repeat(65), "__proto__"]) {
    expect(v.is(ChannelName, name), name).toBe(false);
  }
});
