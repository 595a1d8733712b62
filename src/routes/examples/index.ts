// The routes with their examples: what the OpenAPI document and the tests are made from. The router is
// made from the routes alone, so that a deployed script carries nothing of this.
import { routes } from "..";
import type { DocumentedRoute, Examples } from "../../reference/example";
import {
  explainProblemExamples,
  getClientExamples,
  getConsoleExamples,
  getDocsExamples,
  getHealthExamples,
  getOpenApiExamples,
} from "./around";
import {
  createBatchExamples,
  deleteBatchExamples,
  getBatchEventsExamples,
  getBatchExamples,
  getBatchResultsExamples,
  steerBatchExamples,
} from "./batches";
import { descriptions } from "./descriptions";
import { externalApiExamples } from "./external-api";
import { listOperationsExamples, processDataExamples } from "./process-data";
import {
  createTaskExamples,
  deleteTaskExamples,
  getTaskExamples,
  listTasksExamples,
  resendNotificationExamples,
  updateTaskExamples,
} from "./tasks";
import {
  createUserExamples,
  deleteUserExamples,
  getUserExamples,
  listUsersExamples,
  updateUserExamples,
} from "./users";

/** By operation id. */
const examples: Readonly<Record<string, Examples>> = {
  processData: processDataExamples,
  externalApi: externalApiExamples,
  listOperations: listOperationsExamples,
  createUser: createUserExamples,
  listUsers: listUsersExamples,
  getUser: getUserExamples,
  updateUser: updateUserExamples,
  deleteUser: deleteUserExamples,
  createTask: createTaskExamples,
  listTasks: listTasksExamples,
  getTask: getTaskExamples,
  updateTask: updateTaskExamples,
  deleteTask: deleteTaskExamples,
  resendNotification: resendNotificationExamples,
  createBatch: createBatchExamples,
  getBatch: getBatchExamples,
  getBatchResults: getBatchResultsExamples,
  getBatchEvents: getBatchEventsExamples,
  cancelBatch: steerBatchExamples.cancel,
  pauseBatch: steerBatchExamples.pause,
  resumeBatch: steerBatchExamples.resume,
  retryBatch: steerBatchExamples.retry,
  deleteBatch: deleteBatchExamples,
  getHealth: getHealthExamples,
  explainProblem: explainProblemExamples,
  getOpenApi: getOpenApiExamples,
  getConsole: getConsoleExamples,
  getDocs: getDocsExamples,
  getClient: getClientExamples,
};

/** All routes, each with its examples. */
export const documentedRoutes: readonly DocumentedRoute[] = routes.map((route) => {
  const ofRoute = examples[route.operationId];
  if (ofRoute === undefined) throw new Error(`${route.operationId} has no examples`);
  const description = descriptions[route.operationId];
  return { ...route, examples: ofRoute, ...(description !== undefined && { description }) };
});
