// CDN-Loop: what we call bears our mark, and what bears it calls nobody.
import * as v from "valibot";
import { afterEach, describe, it, vi } from "vitest";
import { expectProblem } from "../support/problem";
import { AUTHORIZATION, post, send } from "../support/worker";

afterEach(() => void vi.restoreAllMocks());

const BODY = { urls: ["https://up.example/"] };

/** Answers what is sent out, and returns the marks that it bore. */
function receive(answer: (request: Request) => Promise<Response> = async () => new Response("ok")) {
  const marks: (string | null)[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const request = new Request(input, init);
    marks.push(request.headers.get("CDN-Loop"));
    return answer(request);
  });
  return marks;
}

describe("a request", () => {
  it.for([
    "serentak",
    "Serentak",
    "cloudflare; loops=1; subreqs=1, serentak",
    "serentak;v=1,cloudflare",
    'other; a="b, c" , serentak ; x="y"',
  ])("with the mark %j calls nobody", async (mark, { expect }) => {
    const marks = receive();
    const response = await post("/external-api", BODY, { "CDN-Loop": mark });
    await expectProblem(expect, response, "loop-detected");
    expect(marks).toEqual([]);
  });

  it.for([
    "cloudflare; loops=1",
    "serentak.example",
    "not-serentak",
    'other; a="b, serentak"',
    'other; a="\\", serentak"',
    "",
  ])("with the mark %j is like any other", async (mark, { expect }) => {
    const marks = receive();
    const response = await post("/external-api", BODY, { "CDN-Loop": mark });
    expect(response.status).toBe(200);
    expect(marks).toEqual(["serentak"]);
  });

  it("may bear it where nothing is called", async ({ expect }) => {
    const headers = { ...AUTHORIZATION, "CDN-Loop": "serentak" };
    expect((await send("/users", { headers })).status).toBe(200);
  });
});

describe("calls", () => {
  it("bear the mark in batches, and where a redirect leads", async ({ expect }) => {
    const marks = receive(async ({ url }) =>
      url.endsWith("/from") ? Response.redirect("https://to.example/", 302) : new Response("ok"),
    );
    const batch = { operation: "external-api", items: ["https://up.example/from"] };
    const response = await post("/batch-process", batch, { Prefer: "wait=20" });
    expect(response.status).toBe(200);
    expect(marks).toEqual(["serentak", "serentak"]);
  });

  it("cannot be sent without it", async ({ expect }) => {
    const requests = [{ url: "https://up.example/", headers: { "CDN-Loop": "none" } }];
    await expectProblem(expect, await post("/external-api", { requests }), "invalid-body");
  });

  it("that lead back end at once, under whatever name they come", async ({ expect }) => {
    const marks = receive(async (request) =>
      send("/external-api", {
        method: "POST",
        headers: request.headers,
        body: await request.text(),
      }),
    );
    const call = { url: "https://alias.example/external-api", method: "POST", json: BODY };
    const response = await post("/external-api", { requests: [call] });
    const Reply = v.object({ results: v.array(v.object({ http_status: v.number() })) });
    expect(v.parse(Reply, await response.json()).results).toEqual([{ http_status: 508 }]);
    expect(marks).toHaveLength(1);
  });
});
