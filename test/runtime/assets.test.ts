// Assets that the Worker reads: by itself alone, once, and never silently nothing.
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { readAsset } from "../../src/runtime/assets";
import { send } from "../support/worker";

/** An environment whose assets are these. */
function withAssets(assets: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const fetcher = {
    ...env.ASSETS,
    async fetch(url: string) {
      const { pathname } = new URL(url);
      asked.push(pathname);
      const text = assets[pathname];
      return text === undefined ? new Response("none", { status: 404 }) : new Response(text);
    },
  };
  return { asked, env: { ...env, ASSETS: fetcher } };
}

it("An asset is read once", async () => {
  const { asked, env: fake } = withAssets({ "/data/read-once.txt": "text" });
  expect(await readAsset(fake, "read-once.txt")).toBe("text");
  expect(await readAsset(fake, "read-once.txt")).toBe("text");
  expect(asked).toEqual(["/data/read-once.txt"]);
});

it("An asset that is missing is an error, and is asked for again", async () => {
  const none = withAssets({});
  await expect(readAsset(none.env, "late.txt")).rejects.toThrow("late.txt");
  const there = withAssets({ "/data/late.txt": "now" });
  expect(await readAsset(there.env, "late.txt")).toBe("now");
});

it.each(["openapi.json", "operations.json"])("/data/%s has no address", async (name) => {
  const response = await send(`/data/${name}`);
  expect(response.status).toBe(404);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
});
