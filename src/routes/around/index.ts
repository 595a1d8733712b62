// The routes around the resources: pages, documents, health.
import { getOpenApiRoute } from "./get-openapi";
import { healthRoute } from "./health";
import { clientRoute, consoleRoute, docsRoute, iconRoute, robotsRoute } from "./pages";
import { problemsRoute } from "./problems";
import { llmsRoute, securityTextRoute } from "./texts";
import { thanksRoute } from "./thanks";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  healthRoute,
  problemsRoute,
  thanksRoute,
  getOpenApiRoute,
  consoleRoute,
  docsRoute,
  clientRoute,
  iconRoute,
  robotsRoute,
  llmsRoute,
  securityTextRoute,
] as const;
