// The build and `npm start` while somebody works on the source: in a copy of the tree, as they change it.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { copyCheckout, removeCheckout } from "../support/node/checkout";
import { startSerentak, type Serentak } from "../support/node/serentak";

/** A file of both the Worker and what the build derives from it. */
const EDITED = "src/domain/operations/text.ts";
const UNTIL = { timeout: 100_000, interval: 100 };

let folder: string;
let original: string;

beforeAll(async () => {
  folder = await copyCheckout();
  original = await readFile(join(folder, EDITED), "utf8");
});
afterEach(() => edit(original));
afterAll(() => removeCheckout(folder));

function edit(source: string): Promise<void> {
  return writeFile(join(folder, EDITED), source);
}

/** Appends a line to the file; returns its place as a stack or an error names it. */
async function append(line: string): Promise<string> {
  await edit(`${original}${line}\n`);
  return `${EDITED}:${String(original.split("\n").length)}`;
}

/** Adds an operation on one line, made by `make`; returns its place. */
async function addOperation(name: string, make: string): Promise<string> {
  const start = "textOperations: readonly OperationDefinition[] = [";
  const example = '{ input: ["a"], output: ["A!"] }';
  const operation = `textOperation({ name: "${name}", summary: "", parameters: {}, example: ${example}, make: ${make} }),`;
  await edit(original.replace(start, `${start}${operation}`));
  return `${EDITED}:${String(original.split(start)[0]?.split("\n").length)}`;
}

function build(): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["scripts/build.mjs"], { cwd: folder }, (error, out, err) => {
      resolve({ failed: error !== null, output: out + err });
    });
  });
}

describe("the build", () => {
  it("tells of a throw its message, file and line, and nothing but who imports it", async ({
    expect,
  }) => {
    const place = await append('throw new TypeError("a mistake\\nof two lines");');
    const { failed, output } = await build();
    expect(failed).toBe(true);
    const [type, message, thrown, ...importers] = output.trimEnd().split("\n");
    expect([type, message]).toEqual(["TypeError: a mistake", "of two lines"]);
    expect(thrown).toMatch(/^ {4}at /);
    expect(thrown).toContain(` (${place}:7)`);
    for (const line of importers) expect(line).toMatch(/^ {4}at \S+ \(src\/\S+\)$/);
  });

  it("tells of an import that is not there its file and line, and nothing else", async ({
    expect,
  }) => {
    const place = await append('import "./nowhere";');
    const { failed, output } = await build();
    expect(failed).toBe(true);
    expect(output).toContain(`Could not resolve "./nowhere"\n\n    ${place}:7:\n`);
    expect(output.split("\n").filter((line) => line !== "").length).toBe(4);
  });

  it("leaves what was built as it was", async ({ expect }) => {
    const catalogue = join(folder, "dist/public/data/operations.json");
    expect(await build()).toEqual({ failed: false, output: "" });
    const before = await readFile(catalogue, "utf8");
    await append('throw new Error("a mistake");');
    expect((await build()).failed).toBe(true);
    expect(await readFile(catalogue, "utf8")).toBe(before);
  });
});

describe("npm start", { timeout: 300_000 }, () => {
  let serentak: Serentak;
  beforeAll(async () => {
    await build();
    serentak = await startSerentak({}, folder);
  });
  afterAll(() => serentak.stop());

  const read = async (path: string): Promise<string> =>
    (await fetch(serentak.origin + path)).text();
  const run = (operation: string): Promise<Response> =>
    fetch(`${serentak.origin}/process-data`, {
      method: "POST",
      body: JSON.stringify({ items: ["a"], operation }),
      headers: { "content-type": "application/json" },
    });
  const startLines = (): string[] => serentak.output().match(/^Console: .*$/gm) ?? [];

  it("ends with the address of the console and the token", async ({ expect }) => {
    const line = `Console: http://localhost:${String(serentak.port)} (token: dev)`;
    await expect.poll(startLines, UNTIL).toEqual([line]);
    expect(serentak.output().indexOf("Ready on")).toBeLessThan(serentak.output().indexOf(line));
    const headers = { authorization: "Bearer dev" };
    expect((await fetch(`${serentak.origin}/users`, { headers })).status).toBe(200);
  });

  it("serves and documents a new operation without a restart", async ({ expect }) => {
    await addOperation("shout", "() => (text) => `${text.toUpperCase()}!`");
    await expect.poll(() => read("/process-data"), UNTIL).toContain('"shout"');
    await expect.poll(() => read("/openapi.json"), UNTIL).toContain('"shout"');
    const shouted = async (): Promise<unknown> => (await run("shout")).json();
    await expect.poll(shouted, UNTIL).toMatchObject({ processed_items: ["A!"] });
  });

  it("logs where in the source a request failed", async ({ expect }) => {
    const place = await addOperation("stumble", '() => { throw new Error("a mistake"); }');
    await expect.poll(async () => (await run("stumble")).status, UNTIL).toBe(500);
    await expect.poll(() => serentak.output(), UNTIL).toMatch(RegExp(`at .*/${place}:\\d+\\)`));
  });

  it("outlives a mistake, and serves again once it is mended", async ({ expect }) => {
    const place = await append('throw new Error("a mistake");');
    await expect.poll(() => serentak.output(), UNTIL).toContain(`(${place}:7)`);
    await edit(original);
    await expect.poll(async () => (await run("uppercase")).status, UNTIL).toBe(200);
    expect(await read("/health")).toContain('"ok"');
  });

  it("ends as a whole when only npm is told to", async () => {
    await serentak.terminate();
  });
});
