// All routes, by resource: the one list from which the router, the OpenAPI document, the client's types and
// the shared tests are derived. A resource is evaluated when a request first asks for it, so that an isolate
// starts without the others; hence nothing but `import()` of their folders here.
import type { Route } from "../http/route";

/** Resources whose POST can be public: PUBLIC_ENDPOINTS may hold these names. */
const endpoints = {
  "process-data": () => import("./process-data"),
  "external-api": () => import("./external-api"),
  users: () => import("./users"),
  tasks: () => import("./tasks"),
  "batch-process": () => import("./batches"),
};

/** Resources by the first segment of their paths. */
const resources = {
  ...endpoints,
  channels: () => import("./channels"),
  notifications: () => import("./notifications"),
};

/** Routes under any other path. */
const around = () => import("./around");

const loaders = [...Object.values(resources), around];

/** Type of any route, from which the client's types are derived. */
export type ListedRoute = Awaited<ReturnType<(typeof loaders)[number]>>["routes"][number];

/** A function that loads the routes of a resource. */
export type Resource = () => Promise<{ readonly routes: readonly Route[] }>;

/** Names that PUBLIC_ENDPOINTS may hold. */
export const endpointNames: ReadonlySet<string> = new Set(Object.keys(endpoints));

const byName: ReadonlyMap<string, Resource> = new Map(Object.entries(resources));

/** Finds the resource of a path. */
export function resourceAt(pathname: string): Resource {
  return byName.get(pathname.split("/", 2)[1] ?? "") ?? around;
}

/** Loads all routes, for what is built from them and for tests. */
export async function loadRoutes(): Promise<readonly Route[]> {
  const loaded = await Promise.all(loaders.map((load: Resource) => load()));
  return loaded.flatMap(({ routes }) => routes);
}
