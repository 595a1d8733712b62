// Writes dist/package, what the package's `./client` is: one module for `import`, one for `require`, and
// their types. These are derived from the Worker's schemas, whose own types a user of the client can
// neither find nor compile: so what is derived is written out here in full, and the file stands alone.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build as bundle } from "esbuild";
import { API } from "typescript/unstable/sync";

const SOURCE = "src/client";
const OUT = "dist/package";
/** TypeScript's `NodeBuilderFlags`: no "…" in long types, and no names where the type itself can stand. */
const NO_TRUNCATION = 1;
const IN_TYPE_ALIAS = 1 << 23;

process.chdir(join(import.meta.dirname, ".."));
mkdirSync(OUT, { recursive: true });
const derived = writeOutDerived();
const declared = declare(["error", "api", "batch-api", "index"]);
// A file of types belongs to the module of the same name: `.d.cts` to what `require` loads.
for (const name of ["client.d.ts", "client.d.cts"]) {
  writeFileSync(join(OUT, name), `// Made by scripts/package.mjs.\n${derived}\n${declared}`);
}
await bundleFor("esm", "client.js");
await bundleFor("cjs", "client.cjs");

function bundleFor(format, name) {
  return bundle({
    entryPoints: [join(SOURCE, "index.ts")],
    outfile: join(OUT, name),
    bundle: true,
    format,
    target: "es2022",
    logLevel: "warning",
  });
}

/** The aliases of wire.ts with their comments, each as the type that it stands for. */
function writeOutDerived() {
  const path = join(process.cwd(), SOURCE, "wire.ts");
  const config = join(process.cwd(), "tsconfig.json");
  const api = new API({ cwd: process.cwd() });
  try {
    const { program, checker } = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    const symbols = checker.getExportsOfModule(
      checker.getSymbolAtLocation(program.getSourceFile(path)),
    );
    const comments = commentsIn(readFileSync(path, "utf8"));
    return symbols
      .map((symbol) => {
        const type = checker.getDeclaredTypeOfSymbol(symbol);
        const text = checker.typeToString(type, undefined, NO_TRUNCATION | IN_TYPE_ALIAS);
        return `${comments.get(symbol.name) ?? ""}export type ${symbol.name} = ${text};\n`;
      })
      .join("");
  } finally {
    api.close();
  }
}

function commentsIn(source) {
  const aliases = source.matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/\n)export type (\w+)/g);
  return new Map(Array.from(aliases, ([, comment, name]) => [name, comment]));
}

/** The declarations of these files, one after the other. They only refer to each other and to wire.ts. */
function declare(names) {
  const folder = mkdtempSync("dist/types-");
  try {
    const flags =
      "--ignoreConfig --declaration --emitDeclarationOnly --noResolve --noCheck --target es2024 --module preserve";
    const files = names.map((name) => `${SOURCE}/${name}.ts`);
    const args = [...flags.split(" "), "--outDir", folder, ...files];
    const { status, stdout } = spawnSync("tsc", args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`Cannot write the client's types:\n${stdout}`);
    return names
      .map((name) => withoutImports(readFileSync(join(folder, `${name}.d.ts`), "utf8")))
      .join("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withoutImports(declarations) {
  return declarations.replace(/^(?:import|export) [^;]*? from "[^"]+";\n/gm, "");
}
