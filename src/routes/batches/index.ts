// The routes of batches.
import { createBatchRoute } from "./create-batch";
import { deleteBatchRoute } from "./delete-batch";
import { getBatchRoute } from "./get-batch";
import { getBatchEventsRoute } from "./get-batch-events";
import { getBatchResultsRoute } from "./get-batch-results";
import { steerBatchRoutes } from "./steer-batch";
import { updateBatchRoute } from "./update-batch";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  createBatchRoute,
  getBatchRoute,
  updateBatchRoute,
  getBatchResultsRoute,
  getBatchEventsRoute,
  ...steerBatchRoutes,
  deleteBatchRoute,
] as const;
