// Routes that the compiler must reject. `tsc` is the test, and nothing here runs: a line that is wrongly
// accepted leaves its `@ts-expect-error` unused, which is an error.
import * as v from "valibot";
import { defineRoute } from "../../src/http/route";

const creation = {
  operationId: "createThing",
  method: "POST",
  path: "/things",
  summary: "Make a thing",
  access: "token",
  reply: { status: 201, schema: v.string() },
  problems: [],
} as const;

/** A route that takes Idempotency-Keys. */
export const withKeys = defineRoute({
  ...creation,
  keysIn: "users",
  handler: ({ once }) => once.ids.v7,
});

/** A route that takes none. */
export const withoutKeys = defineRoute({
  ...creation,
  // @ts-expect-error ids are given to creations alone: without a key's there are none that stay
  handler: ({ once }) => once.ids.v7,
});
