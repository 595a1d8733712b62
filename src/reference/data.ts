// Assets that the Worker reads, made at build time: documents derived from routes, schemas and operations,
// and tables of libraries. The script contains none of these sources.
import anyAscii from "any-ascii";
import { characterEntities } from "character-entities";
import { characterEntitiesLegacy } from "character-entities-legacy";
import { disposableEmailBlocklist } from "disposable-email-domains-js";
import slugify from "slugify";
import { version } from "../../package.json";
import { catalogue, requestLimits } from "./catalogue";
import { ANY_LANGUAGE, type Transliterations } from "../domain/operations/slug";
import { explanations } from "./explanations";
import { createOpenApi } from "./openapi";
import { documentedRoutes } from "./documented-routes";
import { createLlmsText } from "./llms";
import { nouns } from "./nouns";

/** The texts of all assets, by their names under /data. */
export function createData(): Readonly<Record<string, string>> {
  return {
    "openapi.json": JSON.stringify(createOpenApi(documentedRoutes, nouns, version)),
    "llms.txt": createLlmsText(documentedRoutes),
    "operations.json": JSON.stringify({
      operations: catalogue(),
      limits: requestLimits,
      next_cursor: null,
    }),
    "explanations.json": JSON.stringify(explanations),
    "disposable-domains.txt": disposableEmailBlocklist().join("\n"),
    "character-references.json": JSON.stringify(characterNames()),
    "transliterations.json": JSON.stringify(transliterations()),
    "scripts.txt": scripts(),
  };
}

/**
 * HTML's named character references (HTML §13.5), with their semicolon, and without it for the old ones that
 * may omit it.
 */
function characterNames(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(characterEntities).map(([name, text]) => [`${name};`, text]),
    ...characterEntitiesLegacy.map((name) => [name, characterEntities[name]]),
  ]);
}

/** Languages for which the library `slugify` has spellings of their own. */
const LANGUAGES = "bg da de es fr it nb nl pt sv uk vi".split(" ");
/** The library works on single UTF-16 code units, so it has no spellings beyond these. */
const MAX_CODE_UNIT = 0xff_ff;
/** The first letter, of East Asia, from which on no language has spellings of its own. */
const MAX_OF_LANGUAGES = "\u3000";

const spelt = (letter: string, locale: string) =>
  slugify(letter, { strict: true, trim: false, replacement: " ", locale });

/** ASCII spellings of letters by the library `slugify`: for all languages, and for those that differ. */
function transliterations(): Transliterations {
  const letters = Array.from({ length: MAX_CODE_UNIT }, (_, code) => String.fromCharCode(code));
  const known = letters.filter((letter) => /[^A-Za-z0-9\s]/.test(letter));
  const all = new Map(known.map((letter) => [letter, spelt(letter, "")]));
  const near = known.filter((letter) => letter < MAX_OF_LANGUAGES);
  const tables = LANGUAGES.map((language) => {
    const own = near.filter((letter) => spelt(letter, language) !== all.get(letter));
    return [language, Object.fromEntries(own.map((letter) => [letter, spelt(letter, language)]))];
  });
  const common = [...all].filter(([, spelling]) => spelling !== "");
  return Object.fromEntries([[ANY_LANGUAGE, Object.fromEntries(common)], ...tables]);
}

/** Blocks of 256 code points in Unicode. */
const BLOCKS = 0x11_00;

/** ASCII spellings of the characters of every script by the library `any-ascii`, a block of 256 a line. */
function scripts(): string {
  const numbers = Array.from({ length: BLOCKS }, (_, number) => number).slice(1);
  const lines = numbers.map((number) => {
    const codes = Array.from({ length: 256 }, (_, low) => number * 256 + low);
    const spellings = codes.map((code) => anyAscii(String.fromCodePoint(code)));
    return spellings.some((spelling) => spelling !== "") ? [number, ...spellings].join("\t") : "";
  });
  return lines.filter((line) => line !== "").join("\n");
}
