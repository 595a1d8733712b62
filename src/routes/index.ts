// The one list of operations. The router, the OpenAPI document, the client's types and the shared
// test suite are made from it.
import type { Route } from "../http/route";
import { externalApiRoute } from "./external-api";
import { healthRoute } from "./health";
import { problemsRoute } from "./problems";

export const routes: readonly Route[] = [externalApiRoute, healthRoute, problemsRoute];
