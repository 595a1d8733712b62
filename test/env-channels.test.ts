// CHANNELS as a variable: what is read, and the one clear error for what cannot be.
import { describe, it } from "vitest";
import { readConfig } from "../src/env";
import { CHANNEL_SECRETS, channelsJson } from "./support/channel-settings";

const EMAIL = { ops: { type: "email", to: "ops@example.com", from: "serentak@example.com" } };
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
    expect(complaint({ CHANNELS: channelsJson() })).toContain("slack.url: ${CHAT_PATH} is not set");
    expect(complaint({ ...CHANNEL_SECRETS, HOOK_SECRET: " ", CHANNELS: channelsJson() })).toBe(
      `CHANNELS: hook.secret: \${HOOK_SECRET} is not set; rotating.secret: \${HOOK_SECRET} is not set`,
    );
  });

  it("with an e-mail channel needs MAIL, whose way must be there", ({ expect }) => {
    expect(complaint({ CHANNELS: EMAIL })).toBe("CHANNELS: ops.type: e-mail needs MAIL");
    const MAIL = { via: "binding", from: "Serentak <serentak@example.com>" };
    expect(complaint({ CHANNELS: EMAIL, MAIL })).toBe(
      "MAIL: via: there is no send_email binding named EMAIL",
    );
    expect(complaint({ CHANNELS: EMAIL, MAIL, EMAIL: { send: () => undefined } })).toBeNull();
  });

  it("tells every mistake at once, by channel and field", ({ expect }) => {
    const CHANNELS = {
      a: { type: "slack", url: "ftp://a.example" },
      b: { type: "email", to: "a@example.com\r\nBcc: b@example.com", from: "nobody" },
      mail: { type: "ntfy", url: "https://a.example" },
    };
    expect(complaint({ CHANNELS })).toBe(
      "CHANNELS: a.url: not an http(s) URL; b.type: e-mail needs MAIL; b.to: not an e-mail address; mail: the name is reserved",
    );
  });

  it("is joined by the channel of OWNER_EMAIL, and by the reserved one of MAIL", ({ expect }) => {
    const MAIL = '{"via":"outbox","from":"serentak@example.com"}';
    const { config, error } = readConfig({ MAIL, OWNER_EMAIL: "owner@example.com" });
    expect(error).toBeNull();
    expect([...config.channels.keys()]).toEqual(["owner", "mail"]);
    expect(complaint({ OWNER_EMAIL: "owner@example.com" })).toBe("OWNER_EMAIL: needs MAIL");
    expect(complaint({ MAIL: '{"via":"outbox","from":"a@b.example\\nBcc: c@d.example"}' })).toBe(
      "MAIL: from: not an address, nor Name <address>",
    );
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
    ["an unknown member", { ops: { type: "ntfy", url: "https://a.example", tokens: SECRET } }],
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
    expect(config).toMatchObject({ publicEndpoints: new Set(), channels: new Map() });
  });
});
