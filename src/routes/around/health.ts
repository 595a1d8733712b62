// GET /health: tells that the deployment is alive, and its version; to holders of a token also how each part
// fares.
import * as v from "valibot";
import { version } from "../../../package.json";
import { TABLE_NAMES } from "../../domain/idempotency";
import { authorize } from "../../http/auth";
import { misconfigurationOf } from "../../http/misconfiguration";
import type { RequestContext } from "../../http/request-context";
import { defineRoute } from "../../http/route";
import { toIsoTime } from "../../lib/iso-time";
import { channelNamed } from "../../runtime/channels";
import { readCopy } from "../../runtime/published-copy";
import { standingOf } from "../../runtime/tables";

/** Parts of a deployment that can fail on their own. */
const PARTS = ["configuration", "tables", "kv", "channels"] as const;

const Part = v.strictObject({
  status: v.picklist(["ok", "failed"]),
  detail: v.pipe(v.nullable(v.string()), v.description("What is wrong, and where.")),
});
type Part = v.InferOutput<typeof Part>;

const Health = v.strictObject({
  status: v.picklist(["ok", "degraded"]),
  version: v.string(),
  ...v.entriesFromList(PARTS, v.optional(Part)),
});

const HealthQuery = v.object({
  deep: v.optional(
    v.pipe(
      v.picklist(["true", "false"], "true or false"),
      v.description("With a token: each part on its own."),
    ),
    "false",
  ),
});

/** Answers without a token and without storage, whatever the variables hold; deeply with a token alone. */
export const healthRoute = defineRoute({
  operationId: "getHealth",
  method: "GET",
  path: "/health",
  access: "open",
  query: HealthQuery,
  reply: { status: 200, schema: Health },
  problems: [],
  handler: async ({ query: { deep } }, context) => {
    if (deep === "false") return { status: "ok" as const, version };
    authorize(context, "token");
    const parts = await examine(context);
    const isWell = Object.values(parts).every(({ status }) => status === "ok");
    return { status: isWell ? ("ok" as const) : ("degraded" as const), version, ...parts };
  },
});

async function examine(context: RequestContext): Promise<Record<(typeof PARTS)[number], Part>> {
  const { env, config } = context;
  const [tables, kv, channels] = await Promise.all([
    partOf([...TABLE_NAMES, "callers" as const], async (name) => {
      await standingOf(env, name);
      return null;
    }),
    partOf(["users", "tasks"] as const, async (name) => {
      await readCopy(env, name);
      const { publishingPausedUntil: until } = await standingOf(env, name);
      return until > Date.now() ? `nothing is published before ${toIsoTime(until)}` : null;
    }),
    partOf([...config.channels.keys()], async (name) => {
      const { state, reason } = await channelNamed(env, name).summary();
      return state === "disabled" ? `disabled: ${reason ?? "unknown reason"}` : null;
    }),
  ]);
  return { configuration: toPart([misconfigurationOf(context)]), tables, kv, channels };
}

/** Examines the things of these names at the same time. `faultOf` returns null for one that is well. */
async function partOf<Name extends string>(
  names: readonly Name[],
  faultOf: (name: Name) => Promise<string | null>,
): Promise<Part> {
  const faults = await Promise.all(
    names.map(async (name) => {
      // Only that it failed: an error's message could be anything.
      const fault = await faultOf(name).catch(() => "cannot be reached");
      return fault === null ? null : `${name}: ${fault}`;
    }),
  );
  return toPart(faults);
}

function toPart(faults: readonly (string | null)[]): Part {
  const found = faults.filter((fault) => fault !== null);
  return found.length === 0
    ? { status: "ok", detail: null }
    : { status: "failed", detail: found.join("; ") };
}
