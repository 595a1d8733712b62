// The routes of operations.
import { listOperationsRoute } from "./list-operations";
import { processDataRoute } from "./process-data";

/** Routes of this resource, in the order of the documentation. */
export const routes = [processDataRoute, listOperationsRoute] as const;
