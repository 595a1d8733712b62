// GET /health: alive whatever happens, and for holders of a token how each part fares.
import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, it } from "vitest";
import { expectProblem } from "../../support/problem";
import { AUTHORIZATION, send } from "../../support/worker";

afterEach(reset);

const { USERS, TABLES } = env;
afterEach(() => {
  Object.assign(env, { USERS, TABLES });
});

const WELL = { status: "ok", detail: null };

function deep(vars: Record<string, unknown> = {}): Promise<Response> {
  return send("/health?deep=true", { headers: AUTHORIZATION }, vars);
}

it("tells each part on its own", async ({ expect }) => {
  expect(await (await deep()).json()).toEqual({
    status: "ok",
    version: expect.any(String),
    configuration: WELL,
    tables: WELL,
    kv: WELL,
    channels: WELL,
  });
});

it("needs a token for that, and none to tell that it runs", async ({ expect }) => {
  await expectProblem(expect, await send("/health?deep=true"), "unauthorized");
  expect(await (await send("/health")).json()).toEqual({
    status: "ok",
    version: expect.any(String),
  });
  await expectProblem(expect, await send("/health?deep=yes"), "malformed-request");
});

it("names the variable and field that cannot be read", async ({ expect }) => {
  const vars = { CHANNELS: '{"ops":{"type":"webhook","url":"nowhere","secret":"x"}}' };
  const reply: { configuration: { detail: string } } = await (await deep(vars)).json();
  expect(reply).toMatchObject({ status: "degraded", configuration: { status: "failed" } });
  expect(reply.configuration.detail).toContain("CHANNELS");
  expect(reply.configuration.detail).toContain("ops");
  expect(await (await send("/health", {}, vars)).json()).toMatchObject({ status: "ok" });
});

it("tells of KV that cannot be read, and of nothing else", async ({ expect }) => {
  const USERS = { get: () => Promise.reject(new Error("KV GET failed: 500 secret")) };
  expect(await (await deep({ USERS })).json()).toMatchObject({
    status: "degraded",
    kv: { status: "failed", detail: "users: cannot be reached" },
    tables: WELL,
    channels: WELL,
    configuration: WELL,
  });
});

it("tells of a table that cannot be reached", async ({ expect }) => {
  const named = {
    getByName: (name: string) =>
      name === "tasks"
        ? { standing: () => Promise.reject(new Error("gone")) }
        : TABLES.getByName(name),
  };
  expect(await (await deep({ TABLES: named })).json()).toMatchObject({
    status: "degraded",
    tables: { status: "failed", detail: "tasks: cannot be reached" },
  });
});
