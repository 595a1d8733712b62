// A caller who tries to be led past the operator's lists.
import * as v from "valibot";
import { describe, it } from "vitest";
import { CallRequest } from "../../../src/domain/calls/external-api";
import { prepareCall } from "../../../src/domain/calls/prepare-call";
import { upstreamOf } from "../../support/fake-calls";

const ALL = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Pointers of the faults of a call of an upstream that is open for any path and method. */
function faults(call: Record<string, unknown>, settings: Record<string, unknown> = {}): string[] {
  const secrets = { KEY: "0123456789" };
  const upstream = upstreamOf({ public: true, methods: ALL, ...settings }, secrets);
  const request = v.parse(CallRequest, { upstream: "sample", path: "/x", ...call });
  const named = { upstreams: new Map([["sample", upstream]]), hasToken: false };
  const prepared = prepareCall(request, "0", "#", named);
  return "length" in prepared ? prepared.map(({ pointer }) => pointer) : [];
}

describe("headers that a caller adds", () => {
  it.for([
    "Accept",
    "accept-language",
    "Content-Type",
    "If-None-Match",
    "If-Modified-Since",
    "Prefer",
    "Idempotency-Key",
  ])("may be %s", (name, { expect }) => {
    expect(faults({ headers: { [name]: "x" } })).toEqual([]);
  });

  it.for(["User-Agent", "X-Anything", "Authorization", "Cookie", "Referer"])(
    "may be %s only where the operator says so",
    (name, { expect }) => {
      expect(faults({ headers: { [name]: "x" } })).toEqual([`#/headers/${name}`]);
      expect(faults({ headers: { [name]: "x" } }, { headers_allowed: [name] })).toEqual([]);
    },
  );

  it.for([
    "Range",
    "If-Range",
    "X-Original-URL",
    "X-Original-URI",
    "X-Rewrite-URL",
    "X-Override-URL",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-METHOD",
    "X-Http-Path-Override",
    "X-Http-DestinationURL",
    "Request-Range",
    "X-Accel-Redirect",
    "X-Host",
    "X_Original_URL",
    "X_HTTP_Method_Override",
    "_method",
  ])("are never %s, whatever the operator says", (name, { expect }) => {
    const settings = { headers_allowed: [name] };
    expect(faults({ headers: { [name]: "x" } }, settings)).toEqual([`#/headers/${name}`]);
  });

  it("are none that the upstream sets itself", ({ expect }) => {
    const settings = { headers: { "X-Key": "${KEY}" }, headers_allowed: ["x-key"] };
    expect(faults({ headers: { "x-KEY": "mine" } }, settings)).toEqual(["#/headers/x-KEY"]);
    const basic = { basic: ["user", "${KEY}"], headers_allowed: ["authorization"] };
    expect(faults({ headers: { Authorization: "mine" } }, basic)).toEqual([
      "#/headers/Authorization",
    ]);
  });
});

describe("parameters that a caller adds", () => {
  it("may be any, or those that the operator lists", ({ expect }) => {
    expect(faults({ path: "/x?a=1", query: { b: 2 } })).toEqual([]);
    const settings = { query_allowed: ["page"] };
    expect(faults({ path: "/x?page=1", query: { page: 2 } }, settings)).toEqual([]);
    expect(faults({ path: "/x?a=1", query: { b: 2, page: 1 } }, settings)).toEqual([
      "#/query/b",
      "#/path",
    ]);
  });

  it.for(["key", "KEY", " key", "key[]", "key[0]"])(
    "are not %j where the upstream sets it",
    (name, { expect }) => {
      const settings = { query: { key: "${KEY}" } };
      expect(faults({ query: { [name]: "x" } }, settings)).toHaveLength(1);
      expect(faults({ path: `/x?${encodeURIComponent(name)}=1` }, settings)).not.toEqual([]);
    },
  );

  it.for(["_method", "_METHOD", " _method", ".method", "_method[]", "[method", "__method"])(
    "are not %j, which some servers take for the method",
    (name, { expect }) => {
      const encoded = encodeURIComponent(name);
      expect(faults({ query: { [name]: "DELETE" } })).toHaveLength(1);
      expect(faults({ path: `/x?a=1&${encoded}=DELETE` })).not.toEqual([]);
      expect(faults({ path: `/x?a=1;${encoded}=DELETE` })).not.toEqual([]);
      const post = { method: "POST" };
      expect(faults({ ...post, form: { [name]: "DELETE" } })).toHaveLength(1);
      expect(faults({ ...post, json: { [name]: "DELETE" } })).toHaveLength(1);
      const body = `a=1&${encoded}=DELETE`;
      expect(faults({ ...post, body })).not.toEqual([]);
      expect(faults({ ...post, body_base64: btoa(body) })).not.toEqual([]);
    },
  );

  it.for(["\t", "\n", "\r"])("are not hidden by %j, which no URL keeps", (dropped, { expect }) => {
    const settings = { query: { key: "${KEY}" }, query_allowed: ["page", "_method", "key"] };
    expect(faults({ path: `/x?_met${dropped}hod=DELETE` }, settings)).toEqual(["#/path"]);
    expect(faults({ path: `/x?k${dropped}ey=mine` }, settings)).toEqual(["#/path"]);
    expect(faults({ path: `/x${dropped}?pa${dropped}ge=2` }, settings)).toEqual([]);
  });

  it("are not hidden in the parts of a form, or in JSON sent as a text", ({ expect }) => {
    const part = '--b\r\nContent-Disposition: form-data; name="_method"\r\n\r\nDELETE\r\n--b--';
    expect(faults({ method: "POST", body: part })).toEqual(["#/body"]);
    expect(faults({ method: "POST", body: '{"\\u005fmethod": "DELETE"}' })).toEqual(["#/body"]);
    expect(faults({ method: "POST", body: '{"text": "my _method is this"}' })).toEqual([]);
  });
});

it("All faults of a call are told at once", ({ expect }) => {
  const call = {
    method: "DELETE",
    path: "/closed",
    headers: { Range: "bytes=0-7", "X-A": "1" },
    query: { _method: "GET" },
  };
  expect(faults(call, { methods: ["GET"], paths: ["/open"] })).toEqual([
    "#/headers/Range",
    "#/headers/X-A",
    "#/query/_method",
    "#/method",
    "#/path",
  ]);
});
