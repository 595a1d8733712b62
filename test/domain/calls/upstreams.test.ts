import * as v from "valibot";
import { describe, it } from "vitest";
import {
  createUpstream,
  upstreamUrl,
  UpstreamsSettings,
} from "../../../src/domain/calls/upstreams";

const SECRETS: Record<string, string> = {
  TOKEN: "t0ken-t0ken",
  KEY: "k3y-k3y-k3y",
  BROKEN: "a\r\nb: cccc",
  SHORT: "1234567",
};

function upstream(settings: Record<string, unknown> = {}) {
  const one = { base_url: "https://api.example/v1", ...settings };
  const { sample } = v.parse(UpstreamsSettings, { sample: one });
  if (sample === undefined) throw new Error("No settings");
  return createUpstream("sample", sample, (name) => SECRETS[name]);
}

describe("UpstreamsSettings", () => {
  it("opens GET and HEAD under the base to token holders, and caches nothing, unless said", ({
    expect,
  }) => {
    expect(upstream()).toMatchObject({
      name: "sample",
      methods: ["GET", "HEAD"],
      isPublic: false,
      cacheSeconds: 0,
      headers: {},
      secrets: [],
    });
  });

  it.for([
    ["no base URL", { base_url: undefined }],
    ["a base that is no URL", { base_url: "api.example" }],
    ["another scheme", { base_url: "ftp://api.example" }],
    ["credentials in the base", { base_url: "https://user:pass@api.example" }],
    ["a query in the base", { base_url: "https://api.example/?a=b" }],
    ["a fragment in the base", { base_url: "https://api.example/#a" }],
    ["an unknown method", { methods: ["get"] }],
    ["no method", { methods: [] }],
    ["a path without its slash", { paths: ["repos/*"] }],
    ["no path", { paths: [] }],
    ["a header's name with a space", { headers: { "x y": "1" } }],
    ["a negative time", { cache_seconds: -1 }],
    ["a text for a number", { cache_seconds: "60" }],
    ["a text for a boolean", { public: "true" }],
    ["an unknown setting", { baseurl: "https://api.example" }],
  ] as const)("refuses %s", ([, settings], { expect }) => {
    expect(() => upstream(settings)).toThrow(v.ValiError);
  });
});

describe("createUpstream", () => {
  it("fills secrets into headers and remembers them", ({ expect }) => {
    const headers = {
      Authorization: "Bearer ${TOKEN}",
      "x-both": "${TOKEN}:${KEY}",
      "x-plain": "1",
    };
    expect(upstream({ headers })).toMatchObject({
      headers: {
        authorization: "Bearer t0ken-t0ken",
        "x-both": "t0ken-t0ken:k3y-k3y-k3y",
        "x-plain": "1",
      },
      secrets: ["t0ken-t0ken", "k3y-k3y-k3y"],
    });
  });

  it("names a secret that is not set", ({ expect }) => {
    expect(() => upstream({ headers: { a: "${MISSING}" } })).toThrow("${MISSING} is not set");
  });

  it("refuses a secret that would break the header, without telling it", ({ expect }) => {
    expect(() => upstream({ headers: { "x-key": "${BROKEN}" } })).toThrow(
      /header x-key cannot be sent$/,
    );
  });

  it("refuses a placeholder that it cannot read, instead of sending it", ({ expect }) => {
    expect(() => upstream({ headers: { a: "${MY-TOKEN}" } })).toThrow(TypeError);
    const client = { client_id: "a", client_secret: "${KEY}" };
    const token_url = "https://login.example/${TENANT}/token";
    expect(() => upstream({ oauth2: { ...client, token_url } })).toThrow(/is not filled in here/);
  });
});

describe("upstreamUrl", () => {
  it.for([
    ["/", "https://api.example/v1/"],
    ["/repos/a", "https://api.example/v1/repos/a"],
    ["/a/../b", "https://api.example/v1/b"],
    ["//evil.example/a", "https://api.example/v1//evil.example/a"],
    ["/@evil.example/", "https://api.example/v1/@evil.example/"],
    ["/a?b=/../../c", "https://api.example/v1/a?b=/../../c"],
    ["/ä ö", "https://api.example/v1/%C3%A4%20%C3%B6"],
  ] as const)("puts %s under the base", ([path, url], { expect }) => {
    expect(upstreamUrl(upstream(), path)?.href).toBe(url);
  });

  it.for([
    "/..",
    "/../",
    "/../v2/a",
    "/../v1x/a",
    "/a/../../admin",
    "/%2e%2e/admin",
    "/.%2E/admin",
    "/..\\admin",
    "/\\..\\..\\admin",
    "/.\t./admin",
    "/a/..%2fadmin",
    "/..%5cadmin",
    "/a%2e",
    "/a%2F..%2Fb",
    "/..;/admin",
    "/a/..;x=1/admin",
    "/a/..%3B/admin",
    "/a/%c0%ae%c0%ae/admin",
    "/a/..%c0%afadmin",
    "/a/%25u002e%25u002e/admin",
    "/a/..%00/admin",
    "/a/..%2509/admin",
  ])("does not let %j climb out", (path, { expect }) => {
    expect(upstreamUrl(upstream(), path)).toBeNull();
  });

  it.for([
    ["/repos/*", "/repos/a/b", true],
    ["/repos/*", "/repos/", true],
    ["/repos/*", "/repos", false],
    ["/repos/*", "/Repos/a", false],
    ["/repos/*", "/users/../repos/a", true],
    ["/repos/*", "/repos/../users", false],
    ["/repos/*", "/users?/repos/", false],
    ["/repos/*", "/users#/repos/", false],
    ["/repos/*/issues", "/repos/a/issues", true],
    ["/repos/*/issues", "/repos/a/b/issues", true],
    ["/repos/*/issues", "/repos/issues", false],
    ["/repos/*/issues", "/repos/a/issues/1", false],
    ["/a*b*c", "/abc", true],
    ["/a*b*c", "/aXcb", false],
    ["/*aa", "/aaa", true],
    ["/user", "/user", true],
    ["/user", "/user/", false],
    ["/user", "/users", false],
  ] as const)("%s: %s is open: %j", ([pattern, path, isOpen], { expect }) => {
    expect(upstreamUrl(upstream({ paths: [pattern] }), path) !== null).toBe(isOpen);
  });
});

function covers(url: string): boolean {
  return upstream({ paths: ["/open/*"] }).covers(new URL(url));
}

describe("covers", () => {
  it("says yes to the origin, the base and a listed path together", ({ expect }) => {
    expect(covers("https://api.example/v1/open/a")).toBe(true);
    expect(covers("https://API.example:443/v1/open/a?b#c")).toBe(true);
  });

  it.for([
    "http://api.example/v1/open/a",
    "https://api.example:8443/v1/open/a",
    "https://api.example.evil.example/v1/open/a",
    "https://api.example./v1/open/a",
    "https://api.example/open/a",
    "https://api.example/v1/closed/a",
    "https://api.example/v1/open/%2e%2e%2fclosed",
    "https://user:pass@api.example/v1/open/a",
  ])("says no to %s", (url, { expect }) => {
    expect(covers(url)).toBe(false);
  });
});
