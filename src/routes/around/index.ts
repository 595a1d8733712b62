// The routes around the resources: pages, documents, health.
import { getOpenApiRoute } from "./get-openapi";
import { healthRoute } from "./health";
import { clientRoute, consoleRoute, docsRoute } from "./pages";
import { problemsRoute } from "./problems";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  healthRoute,
  problemsRoute,
  getOpenApiRoute,
  consoleRoute,
  docsRoute,
  clientRoute,
] as const;
