// Probes: files with lines that the guards must refuse, each by itself, and lines that they must let pass.
import { basename, join, relative } from "node:path/posix";
import { expand, isFile, isRoom, placesOf } from "./lint-rules.mjs";
import { rooms } from "./rooms.mjs";

/** Code that must not appear in `domain`, also not behind `globalThis.` and `self.`. */
const IMPURE = `
Date.now()  new Date()  Date()  performance.now()  AbortSignal.timeout(1)
Math.random()  crypto.randomUUID()  crypto.getRandomValues(bytes)
setTimeout(run, 1)  setInterval(run, 1)  scheduler.wait(1)
fetch(url)  new Request(url)  new Response(text)  caches.default  env.USERS`;
const OTHER_SPELLINGS = `
const { now } = Date  const { random } = Math  Math["random"]()  const f = fetch
globalThis["fetch"](url)  const { fetch } = self  const g = globalThis  let e: Env
let c: Cloudflare.Env  let x: ExecutionContext  let k: KVNamespace  let s: SqlStorage`;
const PURE = "crypto.subtle.digest(name, bytes)  Math.max(1, 2)  new URL(url)  let r: Response";

/** Packages that a room may import only if the table says so. */
const OUTSIDE = ["cloudflare:workers", "node:fs", "uuid"];

/** Folders below `src` that belong to no room. */
const NOWHERE = `
.  unknown  actions  domain  domain/unknown  domain/calls/deeper  lib/deeper  storage/deeper
routes/users/deeper`;

/** Every probe: a file below `src`, lines to be refused in it, and lines to pass. */
export function probes() {
  return [
    ...parts(NOWHERE).map(strayProbe),
    ...rooms.flatMap((room) => placesOf(room).map((place) => roomProbe(room, place))),
  ];
}

function strayProbe(folder) {
  const imports = ["valibot", way(folder, "lib/probe")].map((name) => `import "${name}";`);
  return {
    file: join(folder, "probe.ts"),
    refused: ["export const stray = 1;", ...imports],
    passed: [],
  };
}

function roomProbe(room, place) {
  const folder = place.replace("*", "probe-folder");
  const others = rooms.map(({ path }) => path).filter((path) => !isAllowed(room, path));
  const known = expand(room.types ?? []).filter(isRoom);
  const strangers = OUTSIDE.filter((name) => !isNamed(room, name));
  const allowed = [room.path, ...expand(room.imports)].filter(
    (path) => (isRoom(path) && path !== room.path) || !isFile(path),
  );
  const domain = room.path.startsWith("domain/");
  return {
    file: isFile(room.path) ? room.path : `${folder}/probe.ts`,
    refused: [
      ...others.flatMap((path) => valueImports(folder, path)),
      ...others
        .filter((path) => !known.includes(path))
        .flatMap((path) => typeImports(folder, path)),
      ...strangers.map((name) => `import "${name}";`),
      ...unreadImports(room, folder),
      ...(domain ? impureLines() : []),
    ],
    passed: [
      ...allowed.map((path) => `export * from "${way(folder, moduleOf(path))}";`),
      ...known.flatMap((path) => typeImports(folder, path)),
      ...(domain ? parts(PURE).map(asLine) : []),
    ],
  };
}

/** Imports of what no file of a room reads, beside the file and in folders next to it. */
function unreadImports({ path, unread = [], hasFolders }, folder) {
  const folders = hasFolders ? [folder, `${path}/other`] : [folder];
  const modules = folders.flatMap((place) => unread.map((name) => `${place}/${name}`));
  return modules.map((module) => `import "${way(folder, module)}";`);
}

function isAllowed(room, path) {
  return path === room.path || expand(room.imports).includes(path);
}

function isNamed({ packages }, name) {
  return packages.some((own) => own === name || own === name.replace(/:.*/, ":*"));
}

function impureLines() {
  const plain = parts(IMPURE);
  const behind = ["globalThis", "self"].flatMap((object) =>
    plain.map((code) => code.replace(/^(new )?/, `$1${object}.`)),
  );
  return [...plain, ...behind, ...parts(OTHER_SPELLINGS)].map(asLine);
}

/** The parts of a text between double spaces or line breaks. */
function parts(text) {
  return text.trim().split(/ {2}|\n/);
}

/** Code in a scope of its own. */
function asLine(code) {
  return `{ ${code}; }`;
}

/** A module of a room. */
function moduleOf(path) {
  return isFile(path) ? path.replace(/\.ts$/, "") : `${path}/probe`;
}

/** Every spelling of an import that brings values. */
function valueImports(folder, path) {
  const module = moduleOf(path);
  const short = way(folder, module);
  return [
    `import "${short}";`,
    `import * as value_${nameOf(path)} from "${short}";`,
    `export * from "${short}";`,
    `await import("${short}");`,
    `import "${short}.ts";`,
    `import "./${short}";`,
    `import "./detour/../${short}";`,
    `import "../${basename(folder)}/${short}";`,
    `import "${way(folder, "lib")}/../${module}";`,
    `import "${way(folder, "..")}/src/${module}";`,
  ];
}

function typeImports(folder, path) {
  const short = way(folder, moduleOf(path));
  return [
    `export type * from "${short}";`,
    `import type * as type_${nameOf(path)} from "${short}";`,
  ];
}

function nameOf(path) {
  return path.replaceAll(/\W/g, "_");
}

function way(folder, module) {
  const short = relative(folder, module);
  return short.startsWith(".") ? short : `./${short}`;
}
