// GET /health: tells that the deployment is alive, and its version.
import * as v from "valibot";
import { version } from "../../../package.json";
import { defineRoute } from "../../http/route";

const Health = v.strictObject({ status: v.literal("ok"), version: v.string() });

/** Answers without a token and without storage. */
export const healthRoute = defineRoute({
  operationId: "getHealth",
  method: "GET",
  path: "/health",
  access: "open",
  reply: { status: 200, schema: Health },
  problems: [],
  handler: () => ({ status: "ok" as const, version }),
});
