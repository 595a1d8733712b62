// Conditional requests (RFC 9110 §13), alike on every route with a version. A new route is in this suite by
// being in the list: what its GET gives an ETag has these rules for each of its methods.
import { beforeAll, describe, it } from "vitest";
import { loadRoutes } from "../src/routes";
import { startBatch } from "./support/jobs";
import { expectProblem } from "./support/problem";
import { file } from "./support/tasks";
import { freshEmail, signUp } from "./support/users";
import { AUTHORIZATION, send } from "./support/worker";

const routes = await loadRoutes();

const UNKNOWN_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const MALFORMED = ["3", '"3', "W/3", ",", '"1" "2"', '*, "1"'];

/** How there comes to be something under a path that has an id. */
const MAKERS: Readonly<Record<string, () => Promise<{ readonly id: string }>>> = {
  "/users/:id": () => signUp(freshEmail()),
  "/tasks/:id": () => file(),
  "/batch-process/:id": () => startBatch({ operation: "uppercase", items: ["a"] }),
};

const versioned = routes.filter(
  ({ method, reply }) => method === "GET" && reply.headers?.includes("ETag") === true,
);

describe.each(versioned)("what GET $path gives a version", ({ path: template }) => {
  const methods = routes
    .filter(({ path, method }) => path === template && method !== "POST")
    .map(({ method }) => method);
  const changes = methods.filter((method) => method !== "GET");
  let path = template;

  beforeAll(async () => {
    if (!template.includes(":")) return;
    const made = await MAKERS[template]?.();
    if (made === undefined) throw new Error(`How is there something under ${template}?`);
    path = template.replace(":id", made.id);
  });

  const ask = (method: string, headers: Record<string, string>, at = path) =>
    send(at, {
      method,
      headers: { ...AUTHORIZATION, ...headers, "Content-Type": "application/json" },
      ...(method === "PATCH" && { body: template.startsWith("/batch") ? '{"options":{}}' : "{}" }),
    });
  const etagNow = async () => (await ask("GET", {})).headers.get("ETag") ?? "";

  it.for(methods)("%s refuses conditions that cannot be read", async (method, { expect }) => {
    for (const field of ["If-Match", "If-None-Match"]) {
      for (const value of MALFORMED)
        await expectProblem(expect, await ask(method, { [field]: value }), "malformed-request");
    }
  });

  it.for(methods)("%s refuses an If-Match that does not hold", async (method, { expect }) => {
    for (const tag of ['"9"', '"x"', '"8", W/"9"']) {
      const response = await ask(method, { "If-Match": tag, "If-None-Match": '"none"' });
      await expectProblem(expect, response, "precondition-failed");
    }
  });

  it("is read where If-Match holds, weakened on the way or not", async ({ expect }) => {
    const etag = await etagNow();
    for (const tag of [etag, `W/${etag.replace(/^W\//, "")}`, `"x", ${etag}`, "*"])
      expect((await ask("GET", { "If-Match": tag })).status).toBe(200);
  });

  it("is not sent to a reader who has it", async ({ expect }) => {
    const etag = await etagNow();
    for (const tag of [etag, `W/${etag.replace(/^W\//, "")}`, `"x", ${etag}`, "*"]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await ask(method, { "If-None-Match": tag });
        expect([response.status, await response.text()]).toEqual([304, ""]);
        expect(response.headers.get("ETag")).toBe(etag);
      }
    }
    expect((await ask("GET", { "If-None-Match": '"x"' })).status).toBe(200);
  });

  it.for(changes)("%s refuses an If-None-Match that names it", async (method, { expect }) => {
    const etag = await etagNow();
    for (const tag of [etag, `W/${etag}`, "*"]) {
      const response = await ask(method, { "If-None-Match": tag });
      await expectProblem(expect, response, "precondition-failed");
    }
    expect(await etagNow()).toBe(etag);
  });

  if (template.includes(":")) {
    it.for(methods)(
      "%s of what is not there is a 404 whatever it asks",
      async (method, { expect }) => {
        for (const headers of [
          { "If-Match": "*" },
          { "If-Match": '"1"' },
          { "If-None-Match": "*" },
        ]) {
          const at = template.replace(":id", UNKNOWN_ID);
          await expectProblem(expect, await ask(method, headers, at), "not-found");
        }
      },
    );
  }

  it.for(changes)("%s is done where its conditions hold", async (method, { expect }) => {
    const headers = { "If-Match": `W/${await etagNow()}`, "If-None-Match": '"x"' };
    const response = await ask(method, headers);
    // A batch that is over takes no options, which is no matter of conditions.
    const changed = template.startsWith("/batch") ? 409 : 200;
    expect(response.status).toBe(method === "DELETE" ? 204 : changed);
  });
});
