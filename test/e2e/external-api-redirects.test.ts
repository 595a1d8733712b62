// Redirects followed by POST /external-api: how many, with which method, and with which credentials.
import { afterAll, beforeAll, it } from "vitest";

import { retrieve, retrieveOne } from "../support/node/external-api";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";

const SECRETS = { authorization: "Bearer mine", cookie: "session=mine" };

let server: World["server"];
let upstreams: Upstreams;
let elsewhere: Upstreams;

beforeAll(async () => {
  [{ server }, upstreams, elsewhere] = await Promise.all([
    sharedWorld(),
    startUpstreams(),
    startUpstreams(),
  ]);
});
afterAll(() => Promise.all([upstreams.close(), elsewhere.close()]));

function redirect(to: string, status = 302): string {
  const query = new URLSearchParams({ to, status: String(status) });
  return upstreams.url(`/redirect?${query.toString()}`);
}

it("follows five redirects and no sixth", async ({ expect }) => {
  const urls = [5, 6].map((left) => upstreams.url(`/chain?left=${String(left)}`));

  const { results } = await retrieve(server.origin, { urls });

  expect(results).toMatchObject([
    { ok: true, redirects: 5, url: upstreams.url("/chain?left=0"), body: { arrived: true } },
    { error: { code: "too-many-redirects" } },
  ]);
});

it("leaves a loop and does not enter it again", async ({ expect }) => {
  const result = await retrieveOne(server.origin, { url: upstreams.url("/loop?key=loop") });

  expect(result).toMatchObject({ error: { code: "too-many-redirects" }, attempts: 1 });
  expect(upstreams.hits("loop")).toBe(1);
});

it.for(["/nowhere", "/redirect?to=http%3A%2F%2F", "/redirect?to=http%3A%2F%2Fexa%20mple%2F"])(
  "returns a redirect that names no target as it is: %s",
  async (path, { expect }) => {
    const result = await retrieveOne(server.origin, { url: upstreams.url(path) });

    expect(result).toMatchObject({
      status: "fulfilled",
      http_status: 302,
      ok: false,
      redirects: 0,
    });
  },
);

it.for(["ftp://127.0.0.1/x", "file:///etc/passwd", "data:text/plain,x", "javascript:alert(1)"])(
  "rejects a redirect to %j",
  async (to, { expect }) => {
    const result = await retrieveOne(server.origin, { url: redirect(to), retries: 0 });

    expect(result).toMatchObject({ error: { code: "host-not-allowed" } });
  },
);

it("rejects a redirect to a URL with credentials", async ({ expect }) => {
  const to = elsewhere.url("/echo?key=user").replace("//", "//me:secret@");

  const result = await retrieveOne(server.origin, { url: redirect(to), retries: 0 });

  expect(result).toMatchObject({ status: "rejected" });
  expect(elsewhere.hits("user")).toBe(0);
});

it.for([
  ["GET", 301, "GET"],
  ["GET", 302, "GET"],
  ["GET", 303, "GET"],
  ["GET", 307, "GET"],
  ["GET", 308, "GET"],
  ["HEAD", 303, "HEAD"],
  ["POST", 301, "GET"],
  ["POST", 302, "GET"],
  ["POST", 303, "GET"],
  ["POST", 307, "POST"],
  ["POST", 308, "POST"],
  ["PUT", 301, "PUT"],
  ["PUT", 303, "GET"],
  ["DELETE", 302, "DELETE"],
] as const)("follows a %s answered with %i as %s", async ([method, status, then], { expect }) => {
  const key = `${method}-${String(status)}`;

  const result = await retrieveOne(server.origin, {
    url: redirect(`/echo?key=${key}`, status),
    method,
    ...(method === "POST" || method === "PUT" ? { json: { n: 1 } } : {}),
  });

  expect(result).toMatchObject({ ok: true, redirects: 1 });
  const kept = method === then && (method === "POST" || method === "PUT");
  const [seen] = upstreams.requestsOf(key);
  expect(seen?.method).toBe(then);
  expect(seen?.headers["content-type"]).toBe(kept ? "application/json" : undefined);
  expect(seen?.headers["content-length"] ?? "0").toBe(kept ? "7" : "0");
});

it("keeps the caller's credentials within an origin", async ({ expect }) => {
  const result = await retrieveOne(server.origin, { url: redirect("/echo"), headers: SECRETS });

  expect(result).toMatchObject({ body: { headers: SECRETS } });
});

it("drops the caller's credentials at another origin, and nothing else", async ({ expect }) => {
  const result = await retrieveOne(server.origin, {
    url: redirect(elsewhere.url("/echo")),
    headers: { ...SECRETS, "x-mine": "yes" },
  });

  expect(result).toMatchObject({
    url: elsewhere.url("/echo"),
    body: { headers: { "x-mine": "yes" } },
  });
  expect(JSON.stringify(result)).not.toContain("Bearer mine");
  expect(JSON.stringify(result)).not.toContain("session=mine");
});

it("does not bring credentials back after a visit elsewhere", async ({ expect }) => {
  const back = elsewhere.url(`/redirect?to=${encodeURIComponent(upstreams.url("/echo"))}`);

  const result = await retrieveOne(server.origin, { url: redirect(back), headers: SECRETS });

  expect(result).toMatchObject({ ok: true, redirects: 2, url: upstreams.url("/echo") });
  expect(JSON.stringify(result)).not.toContain("Bearer mine");
});
