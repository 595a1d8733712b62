import * as v from "valibot";
import { describe, it } from "vitest";
import { CallRequest, type CallResult } from "../../../src/domain/calls/external-api";
import { prepareCall } from "../../../src/domain/calls/prepare-call";
import { renderCall } from "../../../src/domain/calls/render-call";
import { faultsOfTemplates } from "../../../src/domain/calls/templates";
import { Budget, MAX_QUERY_STEPS } from "../../../src/domain/json-query/budget";
import { upstreamOf } from "../../support/fake-calls";

const receipt: CallResult = {
  id: "a",
  status: "fulfilled",
  url: "https://a.example/",
  http_status: 200,
  ok: true,
  headers: { "x-next": "n1", "x-split": "a\r\nb: c" },
  body_type: "json",
  body: {
    id: 7,
    name: "a/b",
    parent: "..",
    dot: ".",
    empty: "",
    climb: "../admin",
    cent: "50%",
    nothing: null,
    list: [1, "two"],
    inner: { x: true },
    braces: "{{ a.body.id }}",
  },
  bytes: 1,
  attempts: 1,
  redirects: 0,
  started_ms: 0,
  duration_ms: 1,
};

/** Renders a call of an upstream after `a`; a text where it cannot be made. */
async function rendered(call: Record<string, unknown>, settings: Record<string, unknown> = {}) {
  const upstream = upstreamOf({ methods: ["GET", "POST"], ...settings });
  const request = v.parse(CallRequest, { upstream: "sample", after: ["a"], ...call });
  const named = { upstreams: new Map([["sample", upstream]]), hasToken: true };
  const prepared = prepareCall(request, "b", "#", named);
  if ("length" in prepared) return prepared[0]?.detail ?? "";
  const made = await renderCall(prepared, { a: receipt }, new Budget(MAX_QUERY_STEPS));
  return "detail" in made ? made.detail : { ...made.request, sentTo: made.url.href };
}

describe("{{ … }}", () => {
  it("is computed in path, query, headers, json and form", async ({ expect }) => {
    expect(
      await rendered({
        path: "/users/{{ a.body.id }}/items?page={{ a.body.name }}",
        query: { q: "{{ a.body.name }}", n: "{{ a.body.id }}", l: "{{ a.body.list }}" },
        headers: { "If-None-Match": 'W/"{{ a.headers."x-next" }}"' },
      }),
    ).toMatchObject({
      sentTo: "https://up.example/users/7/items?page=a%2Fb&q=a%2Fb&n=7&l=1&l=two",
      query: { q: "a/b", n: 7, l: [1, "two"] },
      headers: { "If-None-Match": 'W/"n1"' },
    });
    const json = { id: "{{ a.body.id }}", text: "no {{ a.body.id }}", all: ["{{ a.body.inner }}"] };
    expect(await rendered({ method: "POST", json })).toMatchObject({
      json: { id: 7, text: "no 7", all: [{ x: true }] },
    });
    expect(await rendered({ method: "POST", form: { l: "{{ a.body.list }}" } })).toMatchObject({
      form: { l: [1, "two"] },
    });
  });

  it("is computed once: what a result says is no expression", async ({ expect }) => {
    const json = { x: "{{ a.body.braces }}" };
    expect(await rendered({ method: "POST", json })).toMatchObject({
      json: { x: "{{ a.body.id }}" },
    });
  });

  it("may hold braces and quotes of its own", async ({ expect }) => {
    const json = [`{{ {a: {b: a.body.id}} }}`, `{{ '}}' }}`, `{{ \`{"x": "}}"}\` }}`];
    expect(await rendered({ method: "POST", json })).toMatchObject({
      json: [{ a: { b: 7 } }, "}}", { x: "}}" }],
    });
  });

  it("is a text in a call that waits for none", async ({ expect }) => {
    const call = v.parse(CallRequest, { url: "https://a.example/", query: { q: "{{ x }" } });
    expect(await faultsOfTemplates(call)).toEqual([]);
  });

  it.for(["nothing", "missing"])("that is null (%s) makes no call", async (name, { expect }) => {
    const json = { x: `{{ a.body.${name} }}` };
    expect(await rendered({ method: "POST", json })).toMatch(/ is null$/);
  });

  it.for(["inner", "list"])("that is no text (%s) fits into none", async (name, { expect }) => {
    expect(await rendered({ path: `/x/{{ a.body.${name} }}` })).toMatch(/^A list or an object/);
  });

  it("breaks no header", async ({ expect }) => {
    const headers = { prefer: '{{ a.headers."x-split" }}' };
    expect(await rendered({ headers })).toMatch(/^The result has characters/);
  });

  it.for([
    ["{{ a.body.name }}", "a%2Fb"],
    ["{{ a.body.cent }}", "50%25"],
    ["{{ a.body.id }}.json", "7.json"],
  ])("is one segment of the path: %s is %s", async ([segment, encoded], { expect }) => {
    expect(await rendered({ path: `/x/${segment}` })).toMatchObject({
      sentTo: `https://up.example/x/${encoded}`,
    });
  });

  it.for(["parent", "dot", "empty", "climb"])("climbs nowhere by %s", async (name, { expect }) => {
    expect(await rendered({ path: `/x/{{ a.body.${name} }}/y` })).toMatch(/^A segment of the path/);
  });

  it("climbs nowhere together with what is written beside it", async ({ expect }) => {
    const path = "/x/.{{ a.body.list[1] }}/y";
    expect(await rendered({ path })).toMatchObject({ sentTo: "https://up.example/x/.two/y" });
    expect(await rendered({ path: "/x/.{{ 'x' }}/../../y" }, { paths: ["/x/*"] })).toMatch(
      /not open/,
    );
  });

  it.for(["name", "cent"])(
    "holds no slash and no per cent sign where paths are listed: %s",
    async (name, { expect }) => {
      const settings = { paths: ["/x/*"] };
      expect(await rendered({ path: `/x/{{ a.body.${name} }}` }, settings)).toMatch(
        /would hold a slash/,
      );
      expect(await rendered({ path: "/x/{{ a.body.id }}" }, settings)).toMatchObject({
        sentTo: "https://up.example/x/7",
      });
      expect(await rendered({ path: "/y/{{ a.body.id }}" }, settings)).toMatch(/not open/);
    },
  );

  it("brings no name of a method in", async ({ expect }) => {
    const json = "{{ {_method: 'DELETE'} }}";
    expect(await rendered({ method: "POST", json })).toMatch(/_method/);
  });

  it("is told at its place where it cannot be read", async ({ expect }) => {
    const call = {
      url: "https://a.example/",
      method: "POST",
      after: ["a"],
      query: { q: "{{ a[ }}" },
      headers: { "x-a": "{{ open" },
      json: { deep: ["{{ nope( }}"] },
    };
    const faults = await faultsOfTemplates(v.parse(CallRequest, call));
    expect(faults.map(({ keys }) => keys.join("/"))).toEqual(["query/q", "json", "headers/x-a"]);
  });

  it("is refused in a URL, where it is not computed", async ({ expect }) => {
    const call = v.parse(CallRequest, { url: "https://a.example/{{ a.body.id }}", after: ["a"] });
    expect(await faultsOfTemplates(call)).toMatchObject([{ keys: ["url"] }]);
  });

  it("may stand a hundred times and not more", async ({ expect }) => {
    const json = Array.from({ length: 101 }, () => "{{ a }}");
    const call = { url: "https://a.example/", method: "POST", after: ["a"], json };
    expect(await faultsOfTemplates(v.parse(CallRequest, call))).toHaveLength(1);
  });

  it("does not grow beyond what may be sent", async ({ expect }) => {
    const expression = `{{ join('', ['${"x".repeat(900)}']) }}`;
    const json = Array.from({ length: 100 }, () => expression);
    expect(await rendered({ method: "POST", json })).toMatchObject({ json: expect.any(Array) });
  });
});
