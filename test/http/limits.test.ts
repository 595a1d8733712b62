import { describe, it } from "vitest";
import { limit, period } from "../../dist/rate-limit.json";
import { addressGroup } from "../../src/http/limits";
import wranglerToml from "../../wrangler.toml?raw";
import { expectProblem } from "../support/problem";
import { AUTHORIZATION, send } from "../support/worker";

/** A limiter that lets everything pass, and the keys it was asked for. */
function limiter(success = true) {
  const keys: string[] = [];
  const limit = async ({ key }: { key: string }) => {
    keys.push(key);
    return { success };
  };
  return { keys, vars: { RATE_LIMIT: "on", RATE_LIMITER: { limit } } };
}

/** The key that a call with these headers is counted under. */
async function keyOf(headers: Record<string, string>): Promise<string | undefined> {
  const { keys, vars } = limiter();
  await send("/health", { headers }, vars);
  return keys[0];
}

const from = (address: string) => keyOf({ "CF-Connecting-IP": address });

describe("the rate limit", () => {
  it("is told to callers as wrangler.toml sets it", async ({ expect }) => {
    const [, ...set] = /\blimit = (\d+), period = (\d+)/.exec(wranglerToml) ?? [];
    expect([limit, period]).toEqual(set.map(Number));
    const told = await send("/health", {}, limiter().vars);
    expect(told.headers.get("RateLimit-Policy")).toBe(`"default";q=${limit};w=${period}`);
    const refused = await send("/health", {}, limiter(false).vars);
    expect(refused.headers.get("Retry-After")).toBe(String(period));
    const { detail } = await expectProblem(expect, refused, "rate-limited");
    expect(detail).toBe(`More than ${limit} requests in ${period} seconds.`);
  });

  it("counts holders of a token by the token, without showing it", async ({ expect }) => {
    const first = await keyOf({ ...AUTHORIZATION, "CF-Connecting-IP": "192.0.2.1" });
    const elsewhere = await keyOf({ ...AUTHORIZATION, "CF-Connecting-IP": "192.0.2.2" });
    const second = await keyOf({ Authorization: "Bearer second-token" });
    expect(elsewhere).toBe(first);
    expect(second).not.toBe(first);
    expect(`${first} ${second}`).not.toContain("test-token");
  });

  it("counts others by their address, and IPv6 by its /64", async ({ expect }) => {
    expect(await from("192.0.2.1")).not.toBe(await from("192.0.2.2"));
    expect(await from("2001:db8:1:2:3:4:5:6")).toBe(await from("2001:db8:1:2::1"));
    expect(await from("2001:db8:1:2::1")).not.toBe(await from("2001:db8:1:3::1"));
  });

  it("does not let an address pass for a token", async ({ expect }) => {
    const token = await keyOf(AUTHORIZATION);
    expect(await from(token ?? "")).not.toBe(token);
  });

  it("counts nothing when it is off", async ({ expect }) => {
    const { keys, vars } = limiter(false);
    expect((await send("/health", {}, { ...vars, RATE_LIMIT: "off" })).status).toBe(200);
    expect(keys).toEqual([]);
  });

  it("holds for unknown paths as well", async ({ expect }) => {
    await expectProblem(expect, await send("/no/such", {}, limiter(false).vars), "rate-limited");
  });

  it("holds for callers who guess tokens, at pages too", async ({ expect }) => {
    const headers = { Authorization: "Bearer guess", "CF-Connecting-IP": "192.0.2.1" };
    for (const path of ["/health", "/", "/assets/none.js"]) {
      const { keys, vars } = limiter(false);
      await expectProblem(expect, await send(path, { headers }, vars), "rate-limited");
      expect(keys).toHaveLength(1);
    }
  });

  it("counts wrong tokens apart from others of their address", async ({ expect }) => {
    const address = { "CF-Connecting-IP": "192.0.2.1" };
    const guess = await keyOf({ ...address, Authorization: "Bearer guess" });
    expect(guess).toBe(await keyOf({ ...address, Authorization: "Bearer other" }));
    expect(guess).not.toBe(await keyOf(address));
    expect(guess).not.toBe(await keyOf(AUTHORIZATION));
    const elsewhere = { "CF-Connecting-IP": "192.0.2.2", Authorization: "Bearer guess" };
    expect(guess).not.toBe(await keyOf(elsewhere));
  });

  it("counts no pages and no files", async ({ expect }) => {
    const { keys, vars } = limiter(false);
    for (const path of ["/", "/docs", "/client.js", "/openapi.json", "/problems/internal"]) {
      const response = await send(path, {}, vars);
      expect(response.status).toBe(200);
      expect(response.headers.has("RateLimit-Policy")).toBe(false);
    }
    expect((await send("/assets/none.js", {}, vars)).status).toBe(404);
    expect(keys).toEqual([]);
  });
});

describe("addressGroup", () => {
  it.for([
    ["", ""],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:db8:1:2:3::", "2001:db8:1:2"],
    ["2001::5:6:7:8", "2001:0:0:0"],
    ["1:2:3:4:5:6:7::", "1:2:3:4"],
    ["::", "0:0:0:0"],
    ["::1", "0:0:0:0"],
  ] as const)("of %j is %j", ([address, group], { expect }) => {
    expect(addressGroup(address)).toBe(group);
  });

  it("keeps IPv4-mapped addresses apart", ({ expect }) => {
    expect(addressGroup("::ffff:192.0.2.1")).not.toBe(addressGroup("::ffff:192.0.2.2"));
  });
});
