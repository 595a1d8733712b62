// The list of all routes, from which the router, the OpenAPI document, the client's types and the shared
// tests are derived.
import type { Route } from "../http/route";
import { createBatchRoute } from "./batches/create-batch";
import { createUserRoute } from "./users/create-user";
import { createTaskRoute } from "./tasks/create-task";
import { deleteBatchRoute } from "./batches/delete-batch";
import { deleteTaskRoute } from "./tasks/delete-task";
import { deleteUserRoute } from "./users/delete-user";
import { externalApiRoute } from "./external-api/external-api";
import { getBatchRoute } from "./batches/get-batch";
import { getBatchEventsRoute } from "./batches/get-batch-events";
import { getBatchResultsRoute } from "./batches/get-batch-results";
import { getOpenApiRoute } from "./around/get-openapi";
import { getTaskRoute } from "./tasks/get-task";
import { getUserRoute } from "./users/get-user";
import { refillTasksRoute, refillUsersRoute } from "./around/refill";
import { healthRoute } from "./around/health";
import { listOperationsRoute } from "./process-data/list-operations";
import { listTasksRoute } from "./tasks/list-tasks";
import { listUsersRoute } from "./users/list-users";
import { clientRoute, consoleRoute, docsRoute, iconRoute, robotsRoute } from "./around/pages";
import { llmsRoute, securityTextRoute } from "./around/texts";
import { problemsRoute } from "./around/problems";
import { thanksRoute } from "./around/thanks";
import { processDataRoute } from "./process-data/process-data";
import { cancelNotificationRoute } from "./notifications/cancel-notification";
import { getNotificationRoute } from "./notifications/get-notification";
import { listNotificationsRoute } from "./notifications/list-notifications";
import { resendNotificationRoute } from "./notifications/resend-notification";
import { listChannelsRoute } from "./channels/list-channels";
import { replayChannelRoute } from "./channels/replay-channel";
import { steerChannelRoutes } from "./channels/steer-channel";
import { testChannelRoute } from "./channels/test-channel";
import { steerBatchRoutes } from "./batches/steer-batch";
import { updateTaskRoute } from "./tasks/update-task";
import { updateUserRoute } from "./users/update-user";

const list = [
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
  listChannelsRoute,
  testChannelRoute,
  replayChannelRoute,
  ...steerChannelRoutes,
  listNotificationsRoute,
  getNotificationRoute,
  resendNotificationRoute,
  cancelNotificationRoute,
  createBatchRoute,
  getBatchRoute,
  getBatchResultsRoute,
  getBatchEventsRoute,
  ...steerBatchRoutes,
  deleteBatchRoute,
  refillUsersRoute,
  refillTasksRoute,
  healthRoute,
  problemsRoute,
  thanksRoute,
  getOpenApiRoute,
  consoleRoute,
  docsRoute,
  clientRoute,
  iconRoute,
  robotsRoute,
  llmsRoute,
  securityTextRoute,
] as const;

/** All routes. */
export const routes: readonly Route[] = list;

/** Type of any listed route, from which the client's types are derived. */
export type ListedRoute = (typeof list)[number];
