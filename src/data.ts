// The assets that the Worker reads, made when it is built: documents derived from the very routes, schemas
// and operations that serve, and tables of libraries. Its script carries none of what they are made from.
import { version } from "../package.json";
import { catalogue } from "./domain/operations/catalogue";
import { createOpenApi } from "./http/openapi";
import { documentedRoutes } from "./routes/examples";
import { nouns } from "./routes/nouns";

/** Texts by their names under /data. */
export function createData(): Readonly<Record<string, string>> {
  return {
    "openapi.json": JSON.stringify(createOpenApi(documentedRoutes, nouns, version)),
    "operations.json": JSON.stringify({ operations: catalogue() }),
  };
}
