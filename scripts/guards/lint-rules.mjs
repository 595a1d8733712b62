// The lint rules that the rooms stand for, as overrides of `.oxlintrc.json`. The linter sees an import as
// it is written, so only the shortest spelling is allowed: whatever takes another way is refused as well.
import { dirname, relative } from "node:path/posix";
import { exceptions, impure, rooms } from "./rooms.mjs";

const SOURCES = "{ts,tsx}";
/** The name of a file or folder; never `.` or `..`. */
const NAME = "[!.]*";
const MAX_LINES = 300;
const IMPURE = "Clocks, random and the network come as arguments.";

/** Every override, the more special ones later. */
export function lintRules(excepted = exceptions) {
  return [
    strays(),
    ...rooms.flatMap((room) => placesOf(room).map((place) => inRoom(room, place))),
    pure(["src/lib/*.ts", "src/domain/**/*.ts"], impure.globals),
    pure(["src/domain/**/*.ts"], [...impure.globals, ...impure.domainGlobals]),
    ...excepted.map(exempt),
  ];
}

/** The room of a file below `src`, or undefined. */
export function roomOf(file) {
  const folder = dirname(file);
  const isIn = (place) => place === folder || place === `${dirname(folder)}/*`;
  return rooms.find((room) =>
    isFile(room.path) ? room.path === file : placesOf(room).some((place) => isIn(place)),
  );
}

/** The folders below `src` in which a room's files stand; `routes/*` is each folder in `routes`. */
export function placesOf({ path, hasFolders }) {
  if (isFile(path)) return [dirname(path)];
  return hasFolders ? [path, `${path}/*`] : [path];
}

/** Expands `names` to rooms: `domain/*` is every room in it. */
export function expand(names) {
  return names.flatMap((name) => {
    if (!name.endsWith("/*")) return [name];
    return rooms.map(({ path }) => path).filter((path) => path.startsWith(name.slice(0, -1)));
  });
}

/** True if a name is that of a room; any other is a package. */
export function isRoom(name) {
  return rooms.some(({ path }) => path === name);
}

/** True if a room is a single file. */
export function isFile(path) {
  return /\.\w+$/.test(path);
}

/** A file that stands in no room may neither import nor export; none is long, comments included. */
function strays() {
  return {
    files: [`src/**/*.${SOURCES}`],
    rules: {
      "no-restricted-imports": refusingAllBut([], [], [], "This file stands in no room"),
      "import/no-named-export": "error",
      "import/no-default-export": "error",
      "max-lines": ["error", MAX_LINES],
    },
  };
}

function inRoom(room, place) {
  return {
    files: [isFile(room.path) ? `src/${room.path}` : `src/${place}/*.${SOURCES}`],
    rules: {
      "no-restricted-imports": importRule(room, place),
      "import/no-named-export": "off",
      "import/no-default-export": "off",
    },
  };
}

function pure(files, globals) {
  const properties = impure.properties.map((path) => {
    const [object, property] = path.split(".");
    return { object, property, message: IMPURE };
  });
  const types = Object.fromEntries(impure.types.map((name) => [name, IMPURE]));
  return {
    files,
    rules: {
      "no-restricted-globals": ["error", ...globals.map((name) => ({ name, message: IMPURE }))],
      "no-restricted-properties": ["error", ...properties],
      "typescript/no-restricted-types": ["error", { types }],
    },
  };
}

function exempt({ file, imports = [], packages = [], isImpure = false, isLong = false }) {
  const room = roomOf(file);
  const extended = {
    ...room,
    imports: [...room.imports, ...imports],
    packages: [...room.packages, ...packages],
  };
  return {
    files: [`src/${file}`],
    rules: {
      "no-restricted-imports": importRule(extended, dirname(file)),
      ...(isLong && { "max-lines": "off" }),
      ...(isImpure && {
        "no-restricted-globals": "off",
        "no-restricted-properties": "off",
        "typescript/no-restricted-types": "off",
      }),
    },
  };
}

function importRule({ path, imports, types = [], packages, unread = [] }, place) {
  const own = isFile(path) ? [] : [path];
  const names = [...imports, ...types.map((name) => `types of ${name}`)];
  return refusingAllBut(
    [...own, ...expand(imports), ...packages].flatMap((target) => spellings(target, place)),
    types.flatMap((target) => spellings(target, place)),
    unread.flatMap((name) => [`./${name}`, `./${NAME}/${name}`, `../${NAME}/${name}`]),
    `${path} may import ${names.join(", ") || "nothing of ours"}`,
  );
}

function refusingAllBut(values, types, unread, what) {
  const message = `${what}: scripts/guards/rooms.mjs.`;
  const but = [...values, ...types].map((pattern) => `!${pattern}`);
  const patterns = [{ group: ["**", ...but, ...unread], message }];
  // First, since what a group lets pass is not looked at again.
  if (types.length > 0)
    patterns.unshift({ regex: regexOf(types), allowTypeImports: true, message });
  return ["error", { patterns }];
}

function regexOf(patterns) {
  const choices = patterns.map((pattern) =>
    pattern
      .split(NAME)
      .map((part) => part.replaceAll(".", "[.]"))
      .join("[^/]+"),
  );
  return `^(?:${choices.join("|")})$`;
}

/** The spellings by which an import from a folder can name a room or a package. */
function spellings(target, place) {
  const room = rooms.find(({ path }) => path === target);
  if (room === undefined && !target.startsWith("../")) return [target, `${target}/${NAME}`];
  const way = relative(place, target);
  const start = way.startsWith(".") ? way : `./${way}`;
  if (isFile(target)) return [start.replace(/\.ts$/, "")];
  const folders = room.hasFolders ? [`${start}/${NAME}/${NAME}`] : [];
  // A room is its own `./file`; in a folder of it the same goes for that folder.
  if (start === "./") return [`./${NAME}`, ...folders.map((pattern) => pattern.replace("//", "/"))];
  const siblings = place === `${target}/*` ? [`./${NAME}`] : [];
  return [...siblings, start, `${start}/${NAME}`, ...folders];
}
