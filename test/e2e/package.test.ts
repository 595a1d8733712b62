// The package as npm would publish it, installed in a fresh project and used there: in Node by `import`
// and by `require`, by two bundlers, and by TypeScript at its strictest.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { afterAll, beforeAll, describe, it } from "vitest";
import { build as vite } from "vite";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
/** Bytes that the package may take once it is installed, its dependencies included. */
const MAX_INSTALLED_BYTES = 1_000_000;
const ENV = {
  ...process.env,
  PATH: `${join(REPOSITORY, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
  // npm asks no registry: what the package needed from one would make its installation fail.
  npm_config_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
};

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let project: string;
let packed: Packed;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "serentak-package-"));
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--pack-destination", project],
    REPOSITORY,
  );
  packed = (JSON.parse(stdout.slice(stdout.indexOf("\n[") + 1)) as [Packed])[0];
  await writeIn("package.json", JSON.stringify({ name: "fresh", private: true }));
  await run("npm", ["install", join(project, packed.filename)]);
});
afterAll(() => rm(project, { recursive: true }));

function run(command: string, args: readonly string[], cwd = project) {
  return promisify(execFile)(command, args, { cwd, env: ENV, maxBuffer: 64 * 1024 * 1024 });
}

async function writeIn(name: string, text: string): Promise<string> {
  const path = join(project, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A program that asks a Worker made by hand, and prints what the client made of it. */
const USE = `
const fetch = async (url) => Response.json({ operations: [{ name: url }] });
createClient({ baseUrl: "https://api.example", fetch })
  .operations()
  .then(([{ name }]) => console.log(name));
`;
const IMPORTED = `import { createClient } from "serentak/client";${USE}`;
const PRINTED = "https://api.example/process-data\n";

describe("the package", () => {
  it("is small, and holds what is used and nothing else", ({ expect }) => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths.toSorted()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin/serentak.mjs",
      "dist/cli.mjs",
      "dist/package/client.cjs",
      "dist/package/client.d.cts",
      "dist/package/client.d.ts",
      "dist/package/client.js",
      "package.json",
    ]);
    expect(packed.unpackedSize).toBeLessThan(MAX_INSTALLED_BYTES);
  });

  it("brings no further package", async ({ expect }) => {
    const { stdout } = await run("npm", ["ls", "--all", "--json"]);
    const { dependencies } = JSON.parse(stdout) as { dependencies: { serentak: object } };
    expect(Object.keys(dependencies)).toEqual(["serentak"]);
    expect(dependencies.serentak).not.toHaveProperty("dependencies");
  });

  it("has a command line", async ({ expect }) => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
      version: string;
    };
    const { stdout } = await run("npx", ["--no-install", "serentak", "--version"]);
    expect(stdout).toBe(`${version}\n`);
    expect((await run("npx", ["--no-install", "serentak", "--help"])).stdout).toContain("Commands");
  });
});

describe("its client", () => {
  it("is imported in Node", async ({ expect }) => {
    await writeIn("use.mjs", IMPORTED);
    expect((await run("node", ["use.mjs"])).stdout).toBe(PRINTED);
  });

  it("is required in Node", async ({ expect }) => {
    await writeIn("use.cjs", `const { createClient } = require("serentak/client");${USE}`);
    await writeIn("manifest.cjs", `console.log(require("serentak/package.json").name);`);
    expect((await run("node", ["use.cjs"])).stdout).toBe(PRINTED);
    expect((await run("node", ["manifest.cjs"])).stdout).toBe("serentak\n");
  });

  it("is bundled by esbuild", async ({ expect }) => {
    const entry = await writeIn("bundled.js", IMPORTED);
    const outfile = join(project, "esbuild/out.mjs");
    await esbuild({ entryPoints: [entry], bundle: true, format: "esm", outfile });
    expect((await run("node", [outfile])).stdout).toBe(PRINTED);
  });

  it("is bundled by Vite", async ({ expect }) => {
    const entry = await writeIn("library.js", IMPORTED);
    await vite({
      root: project,
      configFile: false,
      logLevel: "error",
      build: { outDir: "vite", lib: { entry, formats: ["es"], fileName: () => "out.mjs" } },
    });
    expect((await run("node", [join(project, "vite/out.mjs")])).stdout).toBe(PRINTED);
  });

  it.for([
    ["nodenext", "nodenext", "use.mts"],
    ["commonjs", "nodenext", "use.cts"],
    ["preserve", "bundler", "use.ts"],
  ] as const)(
    "has types that stand alone (%s, %s)",
    async ([module, resolution, name], { expect }) => {
      await writeIn(name, name === "use.cts" ? TYPED_REQUIRE : TYPED);
      const kind = module === "commonjs" ? "nodenext" : module;
      const flags = `--ignoreConfig --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --noEmit --target es2022 --lib es2022,dom,dom.asynciterable --types`;
      const args = [
        ...flags.split(" "),
        "",
        "--module",
        kind,
        "--moduleResolution",
        resolution,
        name,
      ];
      const compiled = await run("tsc", args).catch((error: { stdout: string }) => error);
      expect(compiled.stdout).toBe("");
    },
  );
});

const BODY = `
const client = createClient({ baseUrl: "https://api.example", fetch });
const task: NewTask = { title: "Water the plants", priority: "high" };
export async function use() {
  const { version }: { version: number } = await client.tasks.create(task);
  const batch = await client.batch({ operation: "users", items: [{ name: "A", email: "a@b.example" }] });
  for await (const state of batch.progress()) { const same: Batch = state; console.log(same.eta_ms, version); }
  for await (const result of batch.results()) {
    if (result.status === "failed") console.log(result.error.code);
    if (result.status === "succeeded") console.log(result.output);
  }
  const { results } = await client.externalApi(["https://a.example"]);
  for (const result of results) {
    if (result.status === "fulfilled") console.log(result.http_status);
    else console.log(result.error.code);
  }
  try {
    // @ts-expect-error a sign-up has an e-mail
    await client.users.create({ name: "Ada" });
  } catch (error) {
    if (error instanceof SerentakError && error.code === "email-taken") console.log(error.errors);
  }
}
`;
const TYPED = `import { createClient, SerentakError, type Batch, type NewTask } from "serentak/client";${BODY}`;
const TYPED_REQUIRE = `import client_ = require("serentak/client");
import type { Batch, NewTask } from "serentak/client";
const { createClient, SerentakError } = client_;${BODY}`;
