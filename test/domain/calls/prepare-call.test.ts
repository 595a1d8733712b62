import * as v from "valibot";
import { describe, it } from "vitest";
import { CallRequest } from "../../../src/domain/calls/external-api";
import { prepareCall } from "../../../src/domain/calls/prepare-call";
import { createUpstream, UpstreamsSettings } from "../../../src/domain/calls/upstreams";

const settings = v.parse(UpstreamsSettings, {
  open: { base_url: "https://open.example/v1", paths: ["/a/*"], public: true },
  closed: { base_url: "https://closed.example", methods: ["POST"] },
});
const upstreams = new Map(
  Object.entries(settings).map(([name, entry]) => [
    name,
    createUpstream(name, entry, () => undefined),
  ]),
);

function prepare(call: Record<string, unknown>, hasToken = false) {
  const request = v.parse(CallRequest, call);
  const prepared = prepareCall(request, "id", "#/requests/3", { upstreams, hasToken });
  return "length" in prepared ? (prepared[0] ?? { pointer: "", detail: "" }) : prepared;
}

/** The URL that would be called. */
function urlOf(call: Record<string, unknown>): string {
  const prepared = prepare(call);
  return "url" in prepared ? prepared.url.href : `${prepared.pointer}: ${prepared.detail}`;
}

describe("prepareCall", () => {
  it.for([
    [{ url: "https://a.example" }, "https://a.example/"],
    [{ url: "https://a.example/b#c" }, "https://a.example/b"],
    [
      { url: "https://a.example/", query: { a: "1 &", b: "é" } },
      "https://a.example/?a=1+%26&b=%C3%A9",
    ],
    [{ url: "https://a.example/?x=1", query: { x: "2" } }, "https://a.example/?x=1&x=2"],
    [{ upstream: "open", path: "/a/b", query: { c: "d" } }, "https://open.example/v1/a/b?c=d"],
    [
      { upstream: "open", path: "/a/b?c=d#e", query: { f: "g" } },
      "https://open.example/v1/a/b?c=d&f=g",
    ],
  ] as const)("of %j calls %s", ([call, url], { expect }) => {
    expect(urlOf(call)).toBe(url);
  });

  it("leaves the query of the URL as it was written when more is added", ({ expect }) => {
    const signed = "https://a.example/?sig=a%20b~%2fc&raw=%ff&flag";
    expect(urlOf({ url: signed, query: { page: "2" } })).toBe(`${signed}&page=2`);
  });

  it.for([
    [{ upstream: "none", path: "/a/b" }, "#/requests/3/upstream"],
    [{ upstream: "toString", path: "/a/b" }, "#/requests/3/upstream"],
    [{ upstream: "open", path: "/a/b", method: "POST", json: 1 }, "#/requests/3/method"],
    [{ upstream: "open", path: "/b" }, "#/requests/3/path"],
    [{ upstream: "open", path: "/a/../../x" }, "#/requests/3/path"],
    [{ upstream: "open" }, "#/requests/3/path"],
    [
      { upstream: "open", path: "/a/b", headers: { "X-HTTP-Method-Override": "DELETE" } },
      "#/requests/3/headers/X-HTTP-Method-Override",
    ],
  ] as const)("says where %j is wrong: %s", ([call, pointer], { expect }) => {
    expect(prepare(call)).toMatchObject({ pointer });
  });

  it("opens what is not public to holders of a token only", ({ expect }) => {
    const call = { upstream: "closed", path: "/x", method: "POST" };
    expect(prepare(call)).toEqual(prepare({ ...call, upstream: "none" }));
    expect(prepare(call, true)).toMatchObject({ upstream: { name: "closed" } });
  });
});
