// Combines routes with their documentation, for the OpenAPI document and the tests of examples.
import type { Route } from "../http/route";
import type { Docs, RouteDocs } from "../http/route-docs";
import { loadRoutes } from "../routes";
import { aroundDocs } from "../routes/around/docs";
import { batchDocs } from "../routes/batches/docs";
import { channelDocs } from "../routes/channels/docs";
import { externalApiDocs } from "../routes/external-api/docs";
import { notificationDocs } from "../routes/notifications/docs";
import { processDataDocs } from "../routes/process-data/docs";
import { taskDocs } from "../routes/tasks/docs";
import { userDocs } from "../routes/users/docs";

/** A route with its documentation. */
export type DocumentedRoute = Route & RouteDocs;

const routes = await loadRoutes();

const docs: Docs = {
  ...aroundDocs,
  ...batchDocs,
  ...channelDocs,
  ...externalApiDocs,
  ...notificationDocs,
  ...processDataDocs,
  ...taskDocs,
  ...userDocs,
};

/** All routes, each with its docs. */
export const documentedRoutes: readonly DocumentedRoute[] = routes.map((route) => {
  const ofRoute = docs[route.operationId];
  if (ofRoute === undefined) throw new Error(`No docs.ts describes ${route.operationId}`);
  return { ...route, ...ofRoute };
});

const ids = new Set(routes.map(({ operationId }) => operationId));
const orphan = Object.keys(docs).find((operationId) => !ids.has(operationId));
if (orphan !== undefined) throw new Error(`There is no route ${orphan}, but docs for it`);
