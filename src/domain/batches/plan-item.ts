// Decides by an item what its job must know of it: which host it calls, whether it may be sent twice, how often.
import type { CallRequest } from "../calls/external-api";
import type { NamedUpstreams } from "../calls/prepare-call";
import { IDEMPOTENT_METHODS } from "../calls/run-call";
import type { ItemPlan } from "../jobs/window";
import { DEFAULT_MAX_ATTEMPTS, type BatchOptions } from "./batch-options";
import { fillTemplate } from "./call-template";
import type { BatchWork } from "./job-record";

/** Returns a function that plans the items of a batch whose items are sent to an endpoint. */
export function createPlanner(
  { operation, template }: Pick<BatchWork, "operation" | "template">,
  { upstreams }: Pick<NamedUpstreams, "upstreams">,
): (item: unknown, options: BatchOptions) => ItemPlan {
  if (operation !== "external-api") {
    const gate = String(operation);
    // Their records have ids that follow from the item, so that a repeat makes no second one.
    return (_, { max_attempts: maxAttempts = DEFAULT_MAX_ATTEMPTS }) => ({
      gate,
      isOnce: false,
      maxAttempts,
    });
  }
  return (item, options) => {
    const call = template === undefined ? item : fillTemplate(template, Object(item));
    return planCall(call, options, upstreams);
  };
}

function planCall(
  item: unknown,
  { max_attempts }: BatchOptions,
  upstreams: NamedUpstreams["upstreams"],
): ItemPlan {
  if (typeof item === "string")
    return { gate: hostOf(item), isOnce: false, maxAttempts: max_attempts ?? DEFAULT_MAX_ATTEMPTS };
  // Items were validated when they came; a default that is not stored is that of the schema.
  const { url, upstream = "", method = "GET", retries }: Partial<CallRequest> = Object(item);
  const isOnce = !IDEMPOTENT_METHODS.has(method);
  const usual = max_attempts ?? (isOnce ? 1 : DEFAULT_MAX_ATTEMPTS);
  return {
    gate: url === undefined ? (upstreams.get(upstream)?.baseUrl.host ?? upstream) : hostOf(url),
    isOnce,
    maxAttempts: retries === undefined ? usual : retries + 1,
  };
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
