// The recipes of CONTRIBUTING.md do what they say: applied to a copy of the tree, built, and called.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { apply, blocksUnder, copyTree, missingPaths, run } from "../support/node/recipes";
import { type Serentak, startSerentak } from "../support/node/serentak";

let root: string | undefined;
let server: Serentak | undefined;
let origin: string;

beforeAll(async () => {
  const tree = await copyTree();
  root = tree;
  const blocks = [...(await blocksUnder("An operation")), ...(await blocksUnder("An endpoint"))];
  const files = blocks.filter(({ path }) => path !== undefined);
  for (const block of files) await apply(block, tree);
  const uses = blocks.filter(({ path }) => path === undefined).map(({ text }) => text);
  await writeFile(
    join(tree, "src/use.ts"),
    `import { createClient } from "./client";\nconst client = createClient({ baseUrl: "" });\n${uses.join("")}export { text };\n`,
  );
  const paths = files.flatMap(({ path }) => path ?? []);
  // The build comes first: types are made of what it writes.
  await run("node", ["scripts/build.mjs"], tree);
  await run("tsc", [], tree);
  await run("oxlint", ["--deny-warnings", ...paths], tree);
  await run("oxfmt", ["--check", ...paths], tree);
  server = await startSerentak({ PUBLIC_ENDPOINTS: "echo" }, tree);
  ({ origin } = server);
});

afterAll(async () => {
  await server?.stop();
  if (root !== undefined) await rm(root, { recursive: true });
});

function post(path: string, body: unknown, token?: string): Promise<Response> {
  const headers = {
    "Content-Type": "application/json",
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  return fetch(origin + path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function read(path: string): Promise<unknown> {
  const response = await fetch(origin + path, { headers: { Authorization: "Bearer dev" } });
  return response.json();
}

it("The documents name no file that is not there", async ({ expect }) => {
  expect(await missingPaths()).toEqual([]);
});

describe("the endpoint of the recipe", () => {
  it("answers, and is public by its name", async ({ expect }) => {
    const response = await post("/echo", { text: "hello" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ text: "hello" });
    expect((await post("/process-data", {})).status).toBe(401);
  });

  it("refuses every unknown field at its place", async ({ expect }) => {
    const response = await post("/echo", { text: "hello", a: 1, b: 2 });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [
        { pointer: "#/a", detail: "Unknown field" },
        { pointer: "#/b", detail: "Unknown field" },
      ],
    });
  });

  it("stands in the documentation", async ({ expect }) => {
    expect(await read("/openapi.json")).toHaveProperty(
      ["paths", "/echo", "post", "summary"],
      "Send a text back",
    );
  });
});

describe("the operation of the recipe", () => {
  it("answers", async ({ expect }) => {
    const body = { items: ["Ada Lovelace"], operation: "initials" };
    const response = await post("/process-data", body, "dev");
    expect(await response.json()).toMatchObject({ processed_items: ["AL"] });
  });

  it("stands in the catalogue", async ({ expect }) => {
    expect(await read("/process-data")).toMatchObject({
      operations: expect.arrayContaining([expect.objectContaining({ name: "initials" })]),
    });
  });
});
