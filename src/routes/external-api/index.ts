// The routes of calls.
import { externalApiRoute } from "./external-api";

/** Routes of this resource, in the order of the documentation. */
export const routes = [externalApiRoute] as const;
