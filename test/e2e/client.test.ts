// The built client as others get it: imported from /client.js or from the package, over real HTTP.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";

import { type Serentak, startWorker } from "../support/node/serentak";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

interface State {
  readonly status: string;
  readonly total: number;
  readonly succeeded: number;
}

/** As much of the client as is used here, written down once more from its documentation. */
interface Built {
  readonly createClient: (options: { baseUrl: string; token?: string }) => {
    batch(batch: object): Promise<{ progress(): AsyncGenerator<State> }>;
    users: { get(id: string): Promise<unknown> };
  };
  readonly SerentakError: new (problem: object) => Error;
}

let server: Serentak;
let upstreams: Upstreams;
let folder: string;

beforeAll(async () => {
  upstreams = await startUpstreams();
  server = await startWorker();
  folder = await mkdtemp(join(tmpdir(), "serentak-client-"));
});
afterAll(async () => {
  await Promise.all([server.stop(), upstreams.close(), rm(folder, { recursive: true })]);
});

/** The module that the server serves. */
async function importServed(): Promise<Built> {
  const path = join(folder, "client.mjs");
  await writeFile(path, await (await fetch(`${server.origin}/client.js`)).text());
  return (await import(pathToFileURL(path).href)) as Built;
}

describe("/client.js", () => {
  it("can be imported by a page of any origin, and is cheap to check again", async ({ expect }) => {
    const response = await fetch(`${server.origin}/client.js`, {
      headers: { Origin: "https://elsewhere.example" },
    });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toMatch(/^\s*import\b/m);
    expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(response.headers.get("Content-Type")).toBe("text/javascript; charset=utf-8");
    expect(response.headers.get("Cache-Control")).toBe("public, max-age=300");
    const tag = response.headers.get("ETag") ?? "";
    const again = await fetch(response.url, { headers: { "If-None-Match": tag } });
    expect(again.status).toBe(304);
  });

  it("throws its own error for a refusal", async ({ expect }) => {
    const { createClient, SerentakError } = await importServed();
    const client = createClient({ baseUrl: server.origin, token: "wrong" });
    const thrown: unknown = await client.users.get("x").catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(SerentakError);
    expect(thrown).toMatchObject({ code: "unauthorized", status: 401 });
  });

  it("follows a batch through a restart of the server", async ({ expect }) => {
    const { createClient } = await importServed();
    const items = Array.from({ length: 40 }, (_, n) =>
      upstreams.url(`/when?of=restart&item=${String(n)}`),
    );
    const client = createClient({ baseUrl: server.origin });
    const batch = await client.batch({ operation: "external-api", items });
    const states: State[] = [];
    let restarted: Promise<void> | undefined;
    for await (const state of batch.progress()) {
      states.push(state);
      restarted ??= server
        .kill()
        .then(() => server.restart())
        .then(() => upstreams.release("restart"));
    }
    await restarted;
    expect(states.length).toBeGreaterThan(1);
    expect(states[0]?.status).not.toBe("completed");
    expect(states.at(-1)).toMatchObject({ status: "completed", total: 40, succeeded: 40 });
  });
});
