// Why items fail, as programs read it: every code that can stand in a failed item's `error`.
import * as v from "valibot";
import { CallErrorCode } from "../calls/external-api";
import type { DomainCode } from "../errors";
import { JOB_ERROR_CODES } from "../jobs/job";
import { OperationErrorCode } from "../operations";

/** Refusals of the single calls that an item can be. */
const REFUSALS = [
  "email-taken",
  "invalid-body",
  "not-found",
  "unauthorized",
  "undeliverable-email",
] as const satisfies readonly DomainCode[];

/** The code of a failed item. `src/reference/explanations.ts` says what each means. */
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
