// The one list of operations. The router, the OpenAPI document, the client's types and the shared
// test suite are made from it.
import type { Route } from "../http/route";
import { createUserRoute } from "./create-user";
import { deleteUserRoute } from "./delete-user";
import { externalApiRoute } from "./external-api";
import { getUserRoute } from "./get-user";
import { healthRoute } from "./health";
import { listUsersRoute } from "./list-users";
import { problemsRoute } from "./problems";
import { updateUserRoute } from "./update-user";

export const routes: readonly Route[] = [
  externalApiRoute,
  createUserRoute,
  listUsersRoute,
  getUserRoute,
  updateUserRoute,
  deleteUserRoute,
  healthRoute,
  problemsRoute,
];
