// The one list of operations. The router, the OpenAPI document, the client's types and the shared
// test suite are made from it.
import type { Route } from "../http/route";
import { createBatchRoute } from "./create-batch";
import { createUserRoute } from "./create-user";
import { createTaskRoute } from "./create-task";
import { deleteBatchRoute } from "./delete-batch";
import { deleteTaskRoute } from "./delete-task";
import { deleteUserRoute } from "./delete-user";
import { externalApiRoute } from "./external-api";
import { getBatchRoute } from "./get-batch";
import { getBatchEventsRoute } from "./get-batch-events";
import { getBatchResultsRoute } from "./get-batch-results";
import { getOpenApiRoute } from "./get-openapi";
import { getTaskRoute } from "./get-task";
import { getUserRoute } from "./get-user";
import { healthRoute } from "./health";
import { listOperationsRoute } from "./list-operations";
import { listTasksRoute } from "./list-tasks";
import { listUsersRoute } from "./list-users";
import { clientRoute, consoleRoute, docsRoute } from "./pages";
import { problemsRoute } from "./problems";
import { processDataRoute } from "./process-data";
import { resendNotificationRoute } from "./resend-notification";
import { steerBatchRoutes } from "./steer-batch";
import { updateTaskRoute } from "./update-task";
import { updateUserRoute } from "./update-user";

export const routes: readonly Route[] = [
  processDataRoute,
  externalApiRoute,
  listOperationsRoute,
  createUserRoute,
  listUsersRoute,
  getUserRoute,
  updateUserRoute,
  deleteUserRoute,
  createTaskRoute,
  listTasksRoute,
  getTaskRoute,
  updateTaskRoute,
  deleteTaskRoute,
  resendNotificationRoute,
  createBatchRoute,
  getBatchRoute,
  getBatchResultsRoute,
  getBatchEventsRoute,
  ...steerBatchRoutes,
  deleteBatchRoute,
  healthRoute,
  problemsRoute,
  getOpenApiRoute,
  consoleRoute,
  docsRoute,
  clientRoute,
];
