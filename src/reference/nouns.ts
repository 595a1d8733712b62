// Schemas with a name of their own in the OpenAPI document. All others are named after their route's
// `operationId`.
import { BatchOptions } from "../domain/batches/batch-options";
import { Batch } from "../domain/batches/batch";
import { ItemResult } from "../domain/batches/item-result";
import { ItemCode } from "../domain/batches/item-code";
import { CallErrorCode, CallRequest, CallResult } from "../domain/calls/external-api";
import { Notification } from "../domain/notifications/delivery";
import { OperationErrorCode, OperationSource } from "../domain/operations";
import { ConfirmationSent } from "../domain/records/confirmation";
import { Task, TaskSummary } from "../domain/records/tasks";
import { User, UserSummary } from "../domain/records/users";
import { DocumentedOperation, OperationStep } from "./operations";
import type { Nouns } from "./openapi-schemas";

/** Schemas by their name in `#/components/schemas`. */
export const nouns: Nouns = {
  Operation: OperationSource,
  CallRequest,
  CallResult,
  User,
  UserSummary,
  ConfirmationSent,
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

/** Schemas that the document shows in place of the noun of the same name, with those they refer to. */
export const documentedNouns: Nouns = { Operation: DocumentedOperation, OperationStep };
