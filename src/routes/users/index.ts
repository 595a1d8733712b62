// The routes of users.
import { createUserRoute } from "./create-user";
import { deleteUserRoute } from "./delete-user";
import { getUserRoute } from "./get-user";
import { listUsersRoute } from "./list-users";
import { refillUsersRoute } from "./refill-users";
import {
  confirmUserRoute,
  showConfirmationRoute,
  showUnsubscribingRoute,
  unsubscribeUserRoute,
} from "./signed-links";
import { updateUserRoute } from "./update-user";

/** Routes of this resource, in the order of the documentation. */
export const routes = [
  createUserRoute,
  listUsersRoute,
  // Before the route whose parameter would match them too.
  showConfirmationRoute,
  confirmUserRoute,
  showUnsubscribingRoute,
  unsubscribeUserRoute,
  getUserRoute,
  updateUserRoute,
  deleteUserRoute,
  refillUsersRoute,
] as const;
