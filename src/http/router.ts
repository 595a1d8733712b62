// Finds the route of a request without running it, so that the checks before the route know what it is.
import { IttyRouter } from "itty-router/IttyRouter";
import { lazy } from "../lib/lazy";
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

/** Path parameters that the router finds in a request. */
type Found = Pick<Match, "params"> & { readonly url: string };

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

/**
 * Creates a router. Of entries that match alike, the first is found. A path that stands among them as it is
 * takes its own methods alone: `/users/confirm` is nobody's id.
 */
export function createRouter(entries: readonly RouterEntry[]): Router {
  const withoutParameters = entries.filter(({ path }) => !path.includes(":"));
  const literals = new Set(withoutParameters.map(({ path }) => path));
  const exact = new Map<string, Match>();
  for (const { method, path, match } of withoutParameters.toReversed())
    exact.set(`${method} ${path}`, match);
  const isLiteral = (pathname: string) => literals.has(pathname.replace(/\/$/, ""));
  const isNoId = (path: string | undefined, pathname: string) =>
    path?.includes(":") === true && isLiteral(pathname);
  // Patterns of paths are made for the first path that needs them.
  const useRouter = lazy(() => {
    const router = IttyRouter();
    for (const { method, path, match } of entries)
      router[method](path, ({ params, url }: Found) =>
        isNoId(path, new URL(url).pathname) ? undefined : { ...match, params },
      );
    return router;
  });
  return {
    find: async (method, url) =>
      exact.get(`${method} ${new URL(url).pathname}`) ?? useRouter().fetch({ method, url }),
    methodsOf: (pathname) =>
      useRouter()
        .routes.filter(([, regex, , path]) => regex.test(pathname) && !isNoId(path, pathname))
        .flatMap(([method]) => (method === "GET" ? ["GET", "HEAD"] : [method])),
  };
}
