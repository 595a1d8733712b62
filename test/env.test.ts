import { describe, it } from "vitest";
import { readConfig, refuseUnknownEndpoint } from "../src/env";
import { ConfigError } from "../src/variables";

/** The error of a configuration, or null if it is valid. */
function complaint(vars: Record<string, unknown>): string | null {
  const { error } = readConfig({ ...vars });
  return error === null ? null : `${error.name}: ${error.message}`;
}

describe("without any variable", () => {
  const { config, error } = readConfig({});

  it("everything is closed, and nothing is wrong", ({ expect }) => {
    expect(error).toBeNull();
    expect(config.tokens).toEqual([]);
    expect(config.publicEndpoints.size).toBe(0);
    expect(config.origins.has("https://a.example")).toBe(false);
    expect(config.hosts.allows(new URL("https://a.example"), "own.example")).toBe(false);
    expect(config.upstreams.size).toBe(0);
    expect(config.isRateLimited).toBe(true);
    expect(config.turnstile).toBeNull();
  });

  it("the limits are the documented ones", ({ expect }) => {
    expect(config.limits).toMatchObject({
      fanOutConnections: 6,
      callTimeoutMs: 10_000,
      requestTimeoutMs: 25_000,
    });
  });

  it("empty variables are the same as none", ({ expect }) => {
    const names = [
      "API_TOKENS",
      "PUBLIC_ENDPOINTS",
      "ALLOWED_ORIGINS",
      "ALLOWED_HOSTS",
      "UPSTREAMS",
      "RATE_LIMIT",
      "TURNSTILE_SECRET",
      "FAN_OUT_CONNECTIONS",
    ];
    expect(complaint(Object.fromEntries(names.map((name) => [name, ""])))).toBeNull();
  });
});

describe("a reading", () => {
  it("is made once for an env", ({ expect }) => {
    const env = { API_TOKENS: "one" };
    expect(readConfig(env)).toBe(readConfig(env));
    expect(readConfig({ API_TOKENS: "two" })).not.toBe(readConfig(env));
  });

  it("that fails comes with everything closed, but knows who holds a token", ({ expect }) => {
    const { config, error } = readConfig({
      API_TOKENS: "secret-token",
      PUBLIC_ENDPOINTS: "users",
      ALLOWED_ORIGINS: "*",
      ALLOWED_HOSTS: "*",
      RATE_LIMIT: "never",
    });
    expect(error).toBeInstanceOf(ConfigError);
    expect(config).toMatchObject({ isRateLimited: true, turnstile: null });
    expect(config.tokens).toHaveLength(1);
    expect(config.publicEndpoints.size).toBe(0);
    expect(config.hosts.allows(new URL("https://a.example"), "own.example")).toBe(false);
  });

  it("that fails still lets the pages that may call read so", ({ expect }) => {
    const origins = { ALLOWED_ORIGINS: "https://a.example" };
    const { config } = readConfig({ ...origins, RATE_LIMIT: "never" });
    expect(config.origins.has("https://a.example")).toBe(true);
    expect(config.origins.has("https://b.example")).toBe(false);
    const unreadable = readConfig({ ALLOWED_ORIGINS: "no origin" });
    expect(unreadable.config.origins.has("https://a.example")).toBe(false);
  });
});

it("API_TOKENS that cannot be read close everything", ({ expect }) => {
  expect(readConfig({ API_TOKENS: "site:one,two" }).config.tokens).toHaveLength(2);
  const { config, error } = readConfig({ API_TOKENS: "good,x" });
  expect(error?.message).toBe("API_TOKENS: token 2 has fewer than 2 characters");
  expect(config.tokens).toEqual([]);
});

describe("PUBLIC_ENDPOINTS", () => {
  it.for(["users tasks", "users,tasks", " users , tasks "])("may be %j", (value, { expect }) => {
    const { config } = readConfig({ PUBLIC_ENDPOINTS: value });
    expect([...config.publicEndpoints]).toEqual(["users", "tasks"]);
  });

  it("may hold the names that the routes have, and no other", ({ expect }) => {
    const { config } = readConfig({ PUBLIC_ENDPOINTS: "users echo" });
    const refuse = (...names: string[]) => refuseUnknownEndpoint(config, new Set(names));
    expect(() => refuse("users", "tasks", "echo")).not.toThrow();
    const message = 'PUBLIC_ENDPOINTS may hold users, tasks; not "echo"';
    expect(() => refuse("users", "tasks")).toThrow(new ConfigError(message));
  });
});

describe("UPSTREAMS", () => {
  const table = {
    github: {
      base_url: "https://api.github.example",
      headers: { authorization: "Bearer ${GITHUB_TOKEN}" },
      public: true,
    },
  };

  it("may be a table or the same as JSON, with secrets by their names", ({ expect }) => {
    for (const value of [table, JSON.stringify(table)]) {
      const { config, error } = readConfig({ UPSTREAMS: value, GITHUB_TOKEN: "t0ken-t0ken" });
      expect(error).toBeNull();
      expect(config.upstreams.get("github")).toMatchObject({
        headers: { authorization: "Bearer t0ken-t0ken" },
        secrets: ["t0ken-t0ken"],
        isPublic: true,
      });
    }
  });
});

describe("TURNSTILE_SECRET", () => {
  it("switches the challenge on, at Cloudflare's verifier unless said otherwise", ({ expect }) => {
    const on = readConfig({ TURNSTILE_SECRET: "s" }).config.turnstile;
    expect(on?.secret).toBe("s");
    expect(on?.verifyUrl.hostname).toBe("challenges.cloudflare.com");
    const vars = { TURNSTILE_SECRET: "s", TURNSTILE_VERIFY_URL: "http://127.0.0.1:1/verify" };
    expect(readConfig(vars).config.turnstile?.verifyUrl.href).toBe("http://127.0.0.1:1/verify");
  });
});

describe("a number", () => {
  it("may be a text or a TOML number", ({ expect }) => {
    for (const value of ["3", 3, " 3 "]) {
      expect(readConfig({ FAN_OUT_CONNECTIONS: value }).config.limits.fanOutConnections).toBe(3);
    }
  });
});

describe("what cannot be read is one clear error", () => {
  it.for([
    ["API_TOKENS", ["a"], "API_TOKENS is not a text"],
    ["PUBLIC_ENDPOINTS", ["users"], "PUBLIC_ENDPOINTS is not a text"],
    ["ALLOWED_ORIGINS", "site.example", '"site.example" is not an origin'],
    ["ALLOWED_ORIGINS", { a: 1 }, "ALLOWED_ORIGINS is not a text"],
    ["ALLOWED_HOSTS", "https://a.example", "give no scheme"],
    ["ALLOWED_HOSTS", null, "ALLOWED_HOSTS is not a text"],
    ["RATE_LIMIT", "false", "may hold on, off"],
    ["RATE_LIMIT", false, "may hold on, off"],
    ["UPSTREAMS", "{", "UPSTREAMS: not JSON"],
    ["UPSTREAMS", "[1]", "UPSTREAMS: "],
    ["UPSTREAMS", { "a b": { base_url: "https://a.example" } }, "Not a name"],
    ["UPSTREAMS", { a: {} }, "a.base_url: "],
    ["UPSTREAMS", { a: { base_url: "nowhere" } }, "a.base_url: Not an http(s) URL"],
    [
      "UPSTREAMS",
      { a: { base_url: "https://a.example", headers: { x: "${NO_SUCH}" } } },
      "${NO_SUCH} is not set",
    ],
    ["FAN_OUT_CONNECTIONS", "0", "FAN_OUT_CONNECTIONS is not a whole number from 1 to 100"],
    ["FAN_OUT_CONNECTIONS", "101", "whole number"],
    ["CALL_TIMEOUT_MS", "soon", "CALL_TIMEOUT_MS is not a whole number from 1 to 60000"],
    ["CALL_TIMEOUT_MS", 1.5, "whole number"],
    ["REQUEST_TIMEOUT_MS", "-1", "REQUEST_TIMEOUT_MS is not a whole number from 1 to 60000"],
    ["REQUEST_TIMEOUT_MS", "60001", "whole number"],
    ["SIGN_UP", "closed", "may hold open, confirmed"],
    ["SIGN_UP", "confirmed", "confirmed needs MAIL"],
    ["SECURITY_CONTACT", "security@example.com", "SECURITY_CONTACT is none of"],
    ["DNS_RESOLVER_URL", "resolver", "DNS_RESOLVER_URL: "],
    ["TURNSTILE_SECRET", { a: 1 }, "TURNSTILE_SECRET is not a text"],
    ["TURNSTILE_SECRET", "  ", "TURNSTILE_SECRET is set but blank"],
    ["DNS_RESOLVER_URL", "ftp://resolver.example/", "DNS_RESOLVER_URL: "],
  ] as const)("%s = %j", ([name, value, message], { expect }) => {
    const told = complaint({ [name]: value });
    expect(told).toContain(`ConfigError: ${name}`);
    expect(told).toContain(message);
  });

  it("also for the verifier's URL, once Turnstile is on", ({ expect }) => {
    const vars = { TURNSTILE_SECRET: "s3cr3t", TURNSTILE_VERIFY_URL: "nowhere" };
    expect(complaint(vars)).toContain("ConfigError: TURNSTILE_VERIFY_URL");
  });
});

function upstream(settings: object): Record<string, unknown> {
  return { UPSTREAMS: { a: settings } };
}

describe("no error tells a secret", () => {
  it.for<[string, Record<string, unknown>]>([
    ["broken JSON", { UPSTREAMS: '{"a": s3cr3t}' }],
    ["a JSON text for a table", { UPSTREAMS: '"s3cr3t"' }],
    ["a text for an upstream", upstream(Object("s3cr3t"))],
    ["a text for headers", upstream({ base_url: "https://a.example", headers: "s3cr3t" })],
    ["a list for headers", upstream({ base_url: "https://a.example", headers: ["s3cr3t"] })],
    ["credentials in a base URL", upstream({ base_url: "https://user:s3cr3t@a.example" })],
    [
      "a secret with a line break",
      {
        KEY: "s3cr3t\nx",
        ...upstream({ base_url: "https://a.example", headers: { x: "${KEY}" } }),
      },
    ],
    [
      "a setting that holds one",
      upstream({ base_url: "https://a.example", public: "s3cr3t", methods: ["s3cr3t"] }),
    ],
    ["credentials in a URL", { DNS_RESOLVER_URL: "https//user:s3cr3t@a.example" }],
    ["tokens as a list", { API_TOKENS: ["s3cr3t"] }],
    ["a secret as a table", { TURNSTILE_SECRET: { value: "s3cr3t" } }],
  ])("not for %s", ([, vars], { expect }) => {
    const told = complaint(vars);
    expect(told).toContain("ConfigError: ");
    expect(told).not.toContain("s3cr3t");
  });
});
