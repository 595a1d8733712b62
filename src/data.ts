// The assets that the Worker reads, made when it is built: documents derived from the very routes, schemas
// and operations that serve, and tables of libraries. Its script carries none of what they are made from.
import { characterEntities } from "character-entities";
import { characterEntitiesLegacy } from "character-entities-legacy";
import { disposableEmailBlocklist } from "disposable-email-domains-js";
import { version } from "../package.json";
import { catalogue } from "./domain/operations/catalogue";
import { explanations } from "./http/explanations";
import { createOpenApi } from "./http/openapi";
import { documentedRoutes } from "./routes/examples";
import { nouns } from "./routes/nouns";

/** Texts by their names under /data. */
export function createData(): Readonly<Record<string, string>> {
  return {
    "openapi.json": JSON.stringify(createOpenApi(documentedRoutes, nouns, version)),
    "operations.json": JSON.stringify({ operations: catalogue() }),
    "explanations.json": JSON.stringify(explanations),
    "disposable-domains.txt": disposableEmailBlocklist().join("\n"),
    "character-references.json": JSON.stringify(characterNames()),
  };
}

/** HTML's names of characters (HTML §13.5), with their semicolon; the oldest also without. */
function characterNames(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(characterEntities).map(([name, text]) => [`${name};`, text]),
    ...characterEntitiesLegacy.map((name) => [name, characterEntities[name]]),
  ]);
}
