// Finds the route of a request without running it, so that the checks before the route know what it is.
import { IttyRouter } from "itty-router/IttyRouter";
import type { Match } from "./request-context";
import { endpointOf, type Route } from "./route";
import { serve } from "./serve";

/** A match with the method and the template of the path that lead to it. */
export interface RouterEntry {
  readonly method: Route["method"];
  readonly path: string;
  readonly match: Match;
}

/** Finds which match a request leads to. */
export interface Router {
  /** Finds the match of a request; undefined if there is none. */
  find(method: string, url: string): Promise<Match | undefined>;
  /** Methods that a path takes, HEAD among them. */
  methodsOf(pathname: string): readonly string[];
}

/** Path parameters that the router finds. */
type Found = Pick<Match, "params">;

/** Converts a route to its entry in the router. */
export function toEntry(route: Route): RouterEntry {
  const { method, path } = route;
  const match: Match = {
    handle: serve(route),
    route: path,
    isTimed: endpointOf(route) !== undefined,
    isFile: route.isFile === true,
    takesForms: route.form !== undefined,
    params: {},
  };
  return { method, path, match };
}

/** Creates a router. Of entries that match alike, the first is found. */
export function createRouter(entries: readonly RouterEntry[]): Router {
  const router = IttyRouter();
  for (const { method, path, match } of entries)
    router[method](path, ({ params }: Found) => ({ ...match, params }));
  return {
    find: (method, url) => router.fetch({ method, url }),
    methodsOf: (pathname) =>
      router.routes
        .filter(([, path]) => path.test(pathname))
        .flatMap(([method]) => (method === "GET" ? ["GET", "HEAD"] : [method])),
  };
}
