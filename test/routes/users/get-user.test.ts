import { afterEach, beforeEach, it } from "vitest";
import { expectProblem } from "../../support/problem";
import {
  fakeDns,
  freshEmail,
  patch,
  read,
  readUser,
  restoreWorld,
  signUp,
} from "../../support/users";
import { AUTHORIZATION, send } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

it("GET /users/<id> shows the user with its ETag", async ({ expect }) => {
  const user = await signUp(freshEmail(), { metadata: { a: 1 } });
  expect(await readUser(user.id)).toEqual(user);
  const response = await read(`/users/${user.id.toUpperCase()}`);
  expect(response.headers.get("ETag")).toBe('"1"');
  expect(await response.json()).toEqual(user);
});

it("GET /users/<id> is 304 without a body for who has this version", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  for (const tag of ['"1"', 'W/"1"', '"0", "1"', "*"]) {
    const response = await read(`/users/${id}`, { "If-None-Match": tag });
    expect(response.status).toBe(304);
    expect(response.headers.get("ETag")).toBe('"1"');
    expect(await response.text()).toBe("");
  }
  await patch(id, { name: "Grace" });
  const changed = await read(`/users/${id}`, { "If-None-Match": '"1"' });
  expect(changed.status).toBe(200);
  expect(changed.headers.get("ETag")).toBe('"2"');
});

it("HEAD /users/<id> is GET without the body, 304 included", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  const head = await send(`/users/${id}`, { method: "HEAD", headers: AUTHORIZATION });
  expect([head.status, await head.text(), head.headers.get("ETag")]).toEqual([200, "", '"1"']);
  const headers = { ...AUTHORIZATION, "If-None-Match": '"1"' };
  expect((await send(`/users/${id}`, { method: "HEAD", headers })).status).toBe(304);
});

it.for(["0190f5ac-7a5c-7c3e-8a3a-0123456789ab", "1", "..%2Fusers", "%00", "__proto__"])(
  "GET /users/%s is a 404",
  async (id, { expect }) => {
    await expectProblem(expect, await read(`/users/${id}`), "not-found");
  },
);

it("GET /users/<id> needs a token, though sign-up is public", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  await expectProblem(expect, await send(`/users/${id}`), "unauthorized");
});
