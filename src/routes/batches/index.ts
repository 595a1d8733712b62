// The routes of batches.
import { createBatchRoute } from "./create-batch";
import { deleteBatchRoute } from "./delete-batch";
import { deleteBatchesRoute } from "./delete-batches";
import { getBatchRoute } from "./get-batch";
import { getBatchEventsRoute } from "./get-batch-events";
import { getBatchResultsRoute } from "./get-batch-results";
import { listBatchesRoute } from "./list-batches";
import { steerBatchRoutes } from "./steer-batch";
import { updateBatchRoute } from "./update-batch";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  createBatchRoute,
  listBatchesRoute,
  getBatchRoute,
  updateBatchRoute,
  getBatchResultsRoute,
  getBatchEventsRoute,
  ...steerBatchRoutes,
  deleteBatchRoute,
  deleteBatchesRoute,
] as const;
