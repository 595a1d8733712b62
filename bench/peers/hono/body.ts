// A body, bounded and validated, and the problems that refuse it.
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { validator } from "hono/validator";
import * as v from "valibot";

/** The part of KV that is used. */
interface Kv {
  put(key: string, value: string): Promise<void>;
}

/** Types of the app's bindings and of the variables that its requests carry. */
export interface Types {
  Bindings: { ALLOWED_ORIGINS: string; USERS: Kv; TASKS: Kv };
  Variables: { requestId: string; startedAt: number };
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Refuses a body over 1 MiB. */
export const limit = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (c) => problem(c, 413, "body-too-large"),
});

/** Refuses a body that does not fit, naming every fault. */
export function json<const S extends v.GenericSchema>(schema: S) {
  return validator("json", (value, c) => {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    const errors = result.issues.map((issue) => ({
      pointer: `#/${(v.getDotPath(issue) ?? "").replaceAll(".", "/")}`,
      detail: issue.message,
    }));
    return problem(c, 422, "invalid-body", errors);
  });
}

/** A problem document. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  errors?: readonly object[],
): Response {
  const document = { type: `/problems/${code}`, title: code, status, code, errors };
  return c.body(JSON.stringify(document), status, { "Content-Type": "application/problem+json" });
}
