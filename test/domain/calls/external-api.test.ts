import * as v from "valibot";
import { describe, it } from "vitest";
import { hasBody } from "../../../src/domain/calls/call-request";
import { CallRequest, ExternalApiRequest } from "../../../src/domain/calls/external-api";
import { faultsOf } from "../../../src/domain/errors";

const URL_A = "https://a.example/";

/** The faults of a body, as `path: message`. */
function faults(body: unknown, schema: v.GenericSchema = ExternalApiRequest): string[] {
  return faultsOf(v.safeParse(schema, body)).map(({ pointer, detail }) => {
    const path = pointer.slice("#/".length).replaceAll("/", ".");
    return `${path || "body"}: ${detail}`;
  });
}

const callFaults = (call: unknown) => faults(call, CallRequest);

describe("ExternalApiRequest", () => {
  it("takes URLs, and settles unless said otherwise", ({ expect }) => {
    expect(v.parse(ExternalApiRequest, { urls: [URL_A] })).toEqual({
      urls: [URL_A],
      policy: "settled",
    });
  });

  it("takes requests with a policy and a time", ({ expect }) => {
    const body = { requests: [{ url: URL_A }], policy: "any", timeout_ms: 60_000 };
    expect(v.parse(ExternalApiRequest, body)).toMatchObject({ policy: "any", timeout_ms: 60_000 });
  });

  it.for([
    [{}, "body: Give either urls or requests"],
    [{ urls: [URL_A], requests: [{ url: URL_A }] }, "body: Give either urls or requests"],
    [{ urls: Array.from({ length: 21 }, () => URL_A) }, /^urls: .*20/],
    [{ urls: [] }, /^urls: /],
    [{ requests: [] }, /^requests: /],
    [{ urls: [URL_A], policy: "race" }, /^policy: /],
    [{ urls: [URL_A], timeout_ms: 0 }, /^timeout_ms: /],
    [{ urls: [URL_A], timeout_ms: 60_001 }, /^timeout_ms: /],
    [{ urls: [URL_A], timeout_ms: 1.5 }, /^timeout_ms: /],
    [{ urls: [URL_A], url: URL_A }, "url: Unknown field"],
  ] as const)("refuses %j", ([body, fault], { expect }) => {
    expect(faults(body)).toEqual([
      typeof fault === "string" ? fault : expect.stringMatching(fault),
    ]);
  });

  it("tells all faults at once, those that concern several fields included", ({ expect }) => {
    expect(faults({ policy: "race" })).toEqual([
      expect.stringMatching(/^policy: /),
      "body: Give either urls or requests",
    ]);
    const twice = [
      { id: "a", url: URL_A },
      { id: "a", url: URL_A, retries: 99 },
    ];
    expect(faults({ requests: twice })).toEqual([
      expect.stringMatching(/^requests.1.retries: /),
      'requests.1.id: The id "a" stands twice',
    ]);
    expect(faults({ requests: "none" })).toEqual([expect.stringMatching(/^requests: /)]);
  });

  it("refuses a header that stands twice, in whatever case", ({ expect }) => {
    expect(callFaults({ url: URL_A, headers: { "X-A": "1", "x-a": "2" } })).toEqual([
      "headers: A header stands twice",
    ]);
  });

  it("gives calls their place as id, and refuses an id that stands twice", ({ expect }) => {
    const call = { url: URL_A };
    expect(faults({ requests: [call, { ...call, id: "a" }, call] })).toEqual([]);
    expect(faults({ requests: [{ ...call, id: "a" }, call, { ...call, id: "a" }] })).toEqual([
      'requests.2.id: The id "a" stands twice',
    ]);
    expect(faults({ requests: [{ ...call, id: "1" }, call] })).toEqual([
      'requests.1.id: The id "1" stands twice',
    ]);
  });

  it("tells the faults of all calls at once", ({ expect }) => {
    const body = { requests: [{ url: "nowhere" }, { url: URL_A, nope: 1, never: 2 }, {}] };
    expect(faults(body).sort()).toEqual([
      "requests.0.url: Not a URL",
      "requests.1.never: Unknown field",
      "requests.1.nope: Unknown field",
      "requests.2: Give either url or upstream",
    ]);
  });
});

describe("a call's URL", () => {
  it.for(["http://a.example", "HTTPS://A.EXAMPLE:8443/b?c#d", "https://ä.example/é"])(
    "may be %s",
    (url, { expect }) => {
      expect(callFaults({ url })).toEqual([]);
    },
  );

  it.for([
    ["", "Not a URL"],
    ["/path", "Not a URL"],
    ["//a.example", "Not a URL"],
    ["https://", "Not a URL"],
    ["https://[::1%25eth0]/", "Not a URL"],
    ["https://a.example:99999/", "Not a URL"],
    ["ftp://a.example", "Only http: and https: URLs"],
    ["file:///etc/passwd", "Only http: and https: URLs"],
    ["javascript:alert(1)", "Only http: and https: URLs"],
    ["https://user@a.example", "A URL may not hold credentials"],
    ["https://:pass@a.example", "A URL may not hold credentials"],
  ] as const)("may not be %j", ([url, message], { expect }) => {
    expect(callFaults({ url })).toEqual([`url: ${message}`]);
    expect(faults({ urls: [url] })).toEqual([`urls.0: ${message}`]);
  });

  it("is bounded", ({ expect }) => {
    expect(callFaults({ url: URL_A + "x".repeat(8192) })).toHaveLength(1);
  });
});

describe("a call's headers", () => {
  it.for([
    "Connection",
    "content-length",
    "HOST",
    "Keep-Alive",
    "proxy-authorization",
    "te",
    "Accept-Encoding",
    "Trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "CF-Connecting-IP",
    "cf-worker",
    "CDN-Loop",
    "X-Forwarded-For",
    "x-real-ip",
  ])("may not set %s", (name, { expect }) => {
    expect(callFaults({ url: URL_A, headers: { [name]: "x" } })).toEqual([
      `headers.${name}: This header cannot be set`,
    ]);
  });

  it.for(["", "a b", "a:", "a\r\nb", "é", "x".repeat(101)])(
    "may not have the name %j",
    (name, { expect }) => {
      expect(callFaults({ url: URL_A, headers: { [name]: "x" } })).toHaveLength(1);
    },
  );

  it.for(["a\r\nb: c", "a\nb", "\0", "é", "日本", "\x7f", "x".repeat(8193)])(
    "may not have the value %j, on which fetch would throw",
    (value, { expect }) => {
      expect(callFaults({ url: URL_A, headers: { "x-a": value } })).toHaveLength(1);
    },
  );

  it("may be 50 and not more, with what HTTP allows in them", ({ expect }) => {
    const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, 'a\t"b" ~']));
    expect(callFaults({ url: URL_A, headers: fifty })).toEqual([]);
    expect(callFaults({ url: URL_A, headers: { ...fifty, more: "" } })).toEqual([
      "headers: At most 50 entries",
    ]);
  });
});

describe("a call", () => {
  it("is a GET without headers unless said otherwise", ({ expect }) => {
    expect(v.parse(CallRequest, { url: URL_A })).toEqual({
      url: URL_A,
      method: "GET",
      headers: {},
    });
  });

  it("takes null for no body, and for a fallback of null", ({ expect }) => {
    const call = v.parse(CallRequest, { url: URL_A, json: null, body: null, fallback: null });
    expect(hasBody(call, "json")).toBe(false);
    expect(call.fallback).toBeNull();
    expect("fallback" in v.parse(CallRequest, { url: URL_A })).toBe(false);
  });

  it("keeps false, 0 and an empty text as a JSON body", ({ expect }) => {
    for (const json of [false, 0, ""]) {
      expect(hasBody(v.parse(CallRequest, { url: URL_A, method: "POST", json }), "json")).toBe(
        true,
      );
    }
  });

  it.for([
    [{}, "body: Give either url or upstream"],
    [{ url: URL_A, upstream: "x" }, "body: Give either url or upstream"],
    [{ url: URL_A, path: "/x" }, "path: Only with upstream"],
    [{ upstream: "x", path: "x" }, /^path: /],
    [
      { url: URL_A, method: "POST", json: 1, body: "x" },
      "body: Give only one of json, body, form and body_base64",
    ],
    [{ url: URL_A, json: 1 }, "json: GET and HEAD have no body"],
    [{ url: URL_A, method: "HEAD", body: "" }, "body: GET and HEAD have no body"],
    [{ url: URL_A, method: "TRACE" }, /^method: /],
    [{ url: URL_A, method: "get" }, /^method: /],
    [{ url: URL_A, id: "" }, /^id: /],
    [{ url: URL_A, retries: 6 }, /^retries: /],
    [{ url: URL_A, retries: -1 }, /^retries: /],
    [{ url: URL_A, timeout_ms: "1" }, /^timeout_ms: /],
    [{ url: URL_A, select: "x".repeat(1001) }, /^select: /],
    [{ url: URL_A, method: "POST", form: {}, body_base64: "" }, /^body_base64: Give only one/],
    [{ url: URL_A, method: "POST", body_base64: "_" }, "body_base64: Not base64"],
    [{ url: URL_A, form: { a: 1 } }, "form: GET and HEAD have no body"],
    [{ url: URL_A, query: { a: {} } }, /^query\.a: /],
    [{ url: URL_A, read: "xml" }, /^read: /],
    [{ url: URL_A, total_timeout_ms: 60_001 }, /^total_timeout_ms: /],
    [{ url: URL_A, after: [] }, /^after: /],
    [{ url: URL_A, query: ["a"] }, /^query: /],
    [{ url: URL_A, headers: ["a"] }, /^headers: /],
  ] as const)("is refused: %j", ([call, fault], { expect }) => {
    expect(callFaults(call)).toEqual([
      typeof fault === "string" ? fault : expect.stringMatching(fault),
    ]);
  });

  it("tells faults of its fields and of their combination at once", ({ expect }) => {
    const call = { url: URL_A, body: "x", retries: "two" };
    expect(callFaults(call)).toEqual([
      expect.stringMatching(/^retries: /),
      "body: GET and HEAD have no body",
    ]);
  });

  it.for(["constructor", "prototype", "__proto__"])(
    "does not lose a query parameter named %s",
    (name, { expect }) => {
      const body: unknown = JSON.parse(`{"url":"${URL_A}","query":{"${name}":"1"}}`);
      const read = v.safeParse(CallRequest, body);
      const isRefused = !read.success;
      expect(isRefused || Object.keys(read.output.query ?? {}).includes(name)).toBe(true);
    },
  );
});
