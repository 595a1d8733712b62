// Converts failures of an item into attempts with a code of `ItemCode`, whatever was thrown.
import * as v from "valibot";
import { DomainError } from "../errors";
import type { Attempt } from "../jobs/job";
import type { ItemFailure } from "./item-result";
import { ItemCode } from "./item-code";

/** A failed attempt. Final by default. */
export function failed(
  error: ItemFailure,
  rest: Omit<Extract<Attempt, { status: "failed" }>, "status" | "error"> = { isFinal: true },
): Attempt {
  return { status: "failed", error, ...rest };
}

/**
 * The attempt that threw this error. Where a table cannot be reached for now it was refused; any other refusal is
 * final. Any other error may be transient, and its text goes to the log only.
 */
export function toAttempt(error: unknown, index: number): Attempt {
  if (error instanceof DomainError && error.code === "unavailable") {
    const { message: detail, options } = error;
    const waitMs = (options.retryAfterSeconds ?? 1) * 1000;
    return { status: "refused", error: { code: "internal", detail }, waitMs };
  }
  if (error instanceof DomainError && v.is(ItemCode, error.code)) {
    const { message: detail, code } = error;
    const { errors, extensions } = error.options;
    const inBatch = errors?.map((fault) => ({
      pointer: fault.pointer.replace("#", `#/items/${index}`),
      detail: fault.detail,
    }));
    return failed({ ...extensions, code, detail, ...(inBatch && { errors: inBatch }) });
  }
  console.error(JSON.stringify({ level: "error", event: "item", error: String(error) }));
  return failed({ code: "internal", detail: "The item failed unexpectedly." }, {});
}
