import { describe, it } from "vitest";
import { parseOrigins } from "../../src/lib/origin-pattern";

describe("parseOrigins", () => {
  it.for([
    ["https://example.com", "https://example.com"],
    ["HTTPS://Example.COM", "https://example.com"],
    ["https://example.com:443", "https://example.com"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["http://localhost:*", "http://localhost:5173"],
    ["http://localhost:*", "http://localhost"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["https://*.example.com", "https://a.example.com"],
    ["https://*.example.com", "https://b.a.example.com"],
    ["https://a.example, https://b.example", "https://b.example"],
    ["https://a.example https://b.example", "https://b.example"],
    ["*", "https://anything.example:1"],
    ["*", "null"],
  ] as const)("%s allows %s", ([list, origin], { expect }) => {
    expect(parseOrigins(list).has(origin)).toBe(true);
  });

  it.for([
    ["", "https://example.com"],
    ["https://example.com", "http://example.com"],
    ["https://example.com", "https://example.com:8443"],
    ["https://example.com:8443", "https://example.com"],
    ["https://example.com", "https://example.com.evil.example"],
    ["https://example.com", "https://evilexample.com"],
    ["https://example.com", "https://a.example.com"],
    ["https://example.com", "https://example.com/"],
    ["https://example.com", "https://example.com:443"],
    ["https://example.com", "https://user@example.com"],
    ["https://example.com", "https://EXAMPLE.com"],
    ["https://example.com", "null"],
    ["https://example.com", ""],
    ["https://*.example.com", "https://example.com"],
    ["https://*.example.com", "https://evilexample.com"],
    ["https://*.example.com", "https://a.example.com.evil.example"],
    ["https://*.example.com", "https://evil.example#.example.com"],
    ["https://*.example.com", "https://evil.example/.example.com"],
    ["https://*.example.com:8443", "https://a.example.com"],
    ["http://localhost:*", "https://localhost:5173"],
  ] as const)("%j does not allow %j", ([list, origin], { expect }) => {
    expect(parseOrigins(list).has(origin)).toBe(false);
  });

  it.for([
    ["https://example.com", "example.com", true],
    ["http://localhost:5173", "localhost", true],
    ["https://*.example.com", "a.example.com", true],
    ["*", "anything.example", true],
    ["https://a.example, https://b.example", "b.example", true],
    ["", "example.com", false],
    ["https://example.com", "evilexample.com", false],
    ["https://example.com", "a.example.com", false],
    ["https://*.example.com", "example.com", false],
    ["https://*.example.com", "evilexample.com", false],
  ] as const)("of %j the host %s is allowed: %s", ([list, host, isAllowed], { expect }) => {
    expect(parseOrigins(list).hasHost(host)).toBe(isAllowed);
  });

  it.for([
    "example.com",
    "ftp://example.com",
    "https://example.com/",
    "https://example.com/path",
    "https://user@example.com",
    "https://a.*.example.com",
    "https://*",
    "https://example.com:99999",
    "null",
  ])("refuses %s, naming it", (entry, { expect }) => {
    expect(() => parseOrigins(`https://good.example, ${entry}`)).toThrow(TypeError);
    expect(() => parseOrigins(entry)).toThrow(entry);
  });
});
