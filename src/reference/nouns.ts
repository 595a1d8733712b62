// The schemas that have names of their own in the OpenAPI document. All others are named after the
// operation that they belong to.
import { Batch, BatchOptions, ItemResult } from "../domain/batches/batch";
import { ItemCode } from "../domain/batches/item-code";
import { CallErrorCode, CallRequest, CallResult } from "../domain/calls/external-api";
import { Notification } from "../domain/notifications/delivery";
import { OperationErrorCode, OperationSource } from "../domain/operations";
import { Task, TaskSummary } from "../domain/records/tasks";
import { User, UserSummary } from "../domain/records/users";
import { DocumentedOperation, OperationStep } from "./operations";
import type { Nouns } from "./openapi-schemas";

/** Nouns by the name that they have in `#/components/schemas`. */
export const nouns: Nouns = {
  Operation: OperationSource,
  CallRequest,
  CallResult,
  User,
  UserSummary,
  Task,
  TaskSummary,
  Notification,
  Batch,
  BatchOptions,
  ItemResult,
  ItemCode,
  CallErrorCode,
  OperationErrorCode,
};

/** What the document shows in the place of a noun's schema, and what else that refers to. */
export const documentedNouns: Nouns = { Operation: DocumentedOperation, OperationStep };
