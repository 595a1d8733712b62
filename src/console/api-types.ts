// What the Worker sends, by the types of the client.
export type {
  Batch,
  CallResult,
  ItemResult,
  Notification,
  OperationInfo,
  Task,
  TaskSummary,
  User,
  UserSummary,
} from "../client/wire";
