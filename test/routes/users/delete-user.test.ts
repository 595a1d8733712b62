import { afterEach, beforeEach, it } from "vitest";
import { expectProblem } from "../../support/problem";
import {
  carriedOut,
  fakeDns,
  freshEmail,
  patch,
  publishedUser,
  read,
  refuseKv,
  remove,
  restoreWorld,
  signUp,
  wakeUpAfter,
} from "../../support/users";
import { post, send } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

it("DELETE /users/<id> removes the user", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  const response = await remove(id);
  expect([response.status, await response.text()]).toEqual([204, ""]);
  await expectProblem(expect, await read(`/users/${id}`), "not-found");
  await expectProblem(expect, await remove(id), "not-found");
  await expectProblem(expect, await patch(id, { name: "x" }), "not-found");
  expect(await (await read("/users?limit=100")).text()).not.toContain(id);
});

it("DELETE /users/<id> frees the e-mail, again and again", async ({ expect }) => {
  const email = freshEmail();
  const ids = new Set<string>();
  for (let round = 0; round < 5; round += 1) {
    const { id } = await signUp(email);
    if (round % 2 === 1) await patch(id, { name: "Changed" });
    ids.add(id);
    expect((await remove(id)).status).toBe(204);
  }
  expect(ids.size).toBe(5);
});

it("DELETE /users/<id> obeys If-Match", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  await patch(id, { name: "Grace" });
  await expectProblem(expect, await remove(id, { "If-Match": '"1"' }), "precondition-failed");
  await expectProblem(expect, await remove(id, { "If-Match": "2" }), "malformed-request");
  expect((await remove(id, { "If-Match": '"2"' })).status).toBe(204);
});

it("of ten deletions at once, one is told that it deleted", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  const statuses = (await Promise.all(Array.from({ length: 10 }, () => remove(id)))).map(
    ({ status }) => status,
  );
  expect(statuses.toSorted((a, b) => a - b)).toEqual([
    204,
    ...Array.from({ length: 9 }, () => 404),
  ]);
});

it("a deletion holds at once while KV refuses it, and reaches KV when it is back", async ({
  expect,
}) => {
  const email = freshEmail();
  const { id } = await signUp(email);
  await carriedOut();
  const allow = refuseKv("delete");
  expect((await remove(id)).status).toBe(204);
  await expectProblem(expect, await read(`/users/${id}`), "not-found");
  const next = await post("/users", { name: "Next", email });
  expect(next.status).toBe(201);
  await carriedOut();
  expect(await publishedUser(id)).not.toBeNull();

  allow();
  await wakeUpAfter(1000);
  expect(await publishedUser(id)).toBeNull();
});

it("DELETE /users/<id> follows a user who changed the e-mail", async ({ expect }) => {
  const [from, to] = [freshEmail(), freshEmail()];
  const { id } = await signUp(from);
  await patch(id, { email: to });
  expect((await remove(id)).status).toBe(204);
  expect((await post("/users", { name: "A", email: from })).status).toBe(201);
  expect((await post("/users", { name: "B", email: to })).status).toBe(201);
});

it("DELETE /users/<id> needs a token", async ({ expect }) => {
  const { id } = await signUp(freshEmail());
  await expectProblem(expect, await send(`/users/${id}`, { method: "DELETE" }), "unauthorized");
});
