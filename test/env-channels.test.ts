// CHANNELS as a variable: what is read, and the one clear error for what cannot be.
import { describe, it } from "vitest";
import { readConfig } from "../src/env";
import { CHANNEL_SECRETS, channelsJson } from "./support/channel-settings";

const EMAIL = { mail: { type: "email", to: "ops@example.com", from: "serentak@example.com" } };
const SECRET = "whsec_bm90LWEtc2VjcmV0LXRoYXQtbWF5LWJlLXNlZW4=";

function complaint(vars: Record<string, unknown>): string | null {
  return readConfig(vars).error?.message ?? null;
}

describe("CHANNELS", () => {
  it("may be missing or empty", ({ expect }) => {
    for (const vars of [{}, { CHANNELS: "" }, { CHANNELS: "{}" }, { CHANNELS: {} }]) {
      const { config, error } = readConfig(vars);
      expect(error).toBeNull();
      expect(config.channels.size).toBe(0);
    }
  });

  it("is a TOML table, or a JSON string of the same shape", ({ expect }) => {
    const json = channelsJson({ hook: ["task.*"] });
    const table: unknown = JSON.parse(json);
    for (const CHANNELS of [json, table]) {
      const { config, error } = readConfig({ ...CHANNEL_SECRETS, CHANNELS });
      expect(error).toBeNull();
      expect([...config.channels.keys()]).toEqual(["hook", "rotating", "slack", "discord", "ntfy"]);
      expect(config.channels.get("hook")).toMatchObject({
        name: "hook",
        type: "webhook",
        events: ["task.*"],
        keys: [expect.any(Uint8Array)],
      });
      expect(config.channels.get("rotating")).toMatchObject({ keys: { length: 2 } });
    }
  });

  it("reads its secrets from variables of any name", ({ expect }) => {
    expect(complaint({ CHANNELS: channelsJson() })).toBe(`CHANNELS: \${HOOK_SECRET} is not set`);
    expect(complaint({ ...CHANNEL_SECRETS, HOOK_SECRET: " ", CHANNELS: channelsJson() })).toBe(
      `CHANNELS: \${HOOK_SECRET} is not set`,
    );
  });

  it("with an e-mail channel needs the binding that sends", ({ expect }) => {
    expect(complaint({ CHANNELS: EMAIL })).toBe(
      "CHANNELS: mail: e-mail needs a send_email binding named EMAIL",
    );
    expect(complaint({ CHANNELS: EMAIL, EMAIL: { send: () => undefined } })).toBeNull();
  });

  it.for([
    ["what is not JSON", `{"ops": {"secret": "${SECRET}"`],
    ["what is no table", `["${SECRET}"]`],
    ["a channel that is only a secret", { ops: SECRET }],
    ["a type that is none", { ops: { type: SECRET, url: "https://a.example" } }],
    [
      "a secret in a wrong form",
      { ops: { type: "webhook", url: "https://a.example", secret: [[SECRET]] } },
    ],
    ["an unknown member", { ops: { type: "ntfy", url: "https://a.example", token: SECRET } }],
    ["a URL that is none", { ops: { type: "webhook", url: SECRET, secret: SECRET } }],
    [
      "a short secret",
      { ops: { type: "webhook", url: "https://a.example", secret: "bm90LWEtc2VjcmV0" } },
    ],
    ["an unknown event", { ops: { type: "ntfy", url: "https://a.example", events: [SECRET] } }],
  ] as const)("refuses %s, and quotes no value", ([, CHANNELS], { expect }) => {
    const { config, error } = readConfig({ API_TOKENS: "token", CHANNELS });
    expect(error?.message).toMatch(/^CHANNELS: /);
    expect(error?.message).not.toContain("bm90LWEtc2VjcmV0");
    expect(config).toMatchObject({ tokens: [], channels: new Map() });
  });
});
