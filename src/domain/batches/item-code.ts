// Codes of failed items: every code that can be in the `error` of an item's result.
import * as v from "valibot";
import { CallErrorCode } from "../calls/external-api";
import type { DomainCode } from "../errors";
import { JOB_ERROR_CODES } from "../jobs/job";
import { OperationErrorCode } from "../operations";

/** Codes of endpoints that refuse an item. */
const REFUSALS = [
  "email-taken",
  "invalid-body",
  "not-found",
  "unauthorized",
  "undeliverable-email",
] as const satisfies readonly DomainCode[];

/** Code of a failed item. `src/reference/explanations.ts` explains each of them. */
export const ItemCode = v.picklist([
  ...OperationErrorCode.options,
  ...CallErrorCode.options,
  "upstream-status",
  ...REFUSALS,
  ...JOB_ERROR_CODES,
  "id-taken",
  "internal",
]);
export type ItemCode = v.InferOutput<typeof ItemCode>;
