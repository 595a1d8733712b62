// The routes of tasks.
import { createTaskRoute } from "./create-task";
import { deleteTaskRoute } from "./delete-task";
import { getTaskRoute } from "./get-task";
import { listTasksRoute } from "./list-tasks";
import { refillTasksRoute } from "./refill-tasks";
import { updateTaskRoute } from "./update-task";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  createTaskRoute,
  listTasksRoute,
  getTaskRoute,
  updateTaskRoute,
  deleteTaskRoute,
  refillTasksRoute,
] as const;
