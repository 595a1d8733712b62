// Schemas of POST /external-api: the calls that a request lists, and the receipts of all.
import * as v from "valibot";
import { boundedArray } from "../../lib/bounded-array";
import { strictObject } from "../../lib/strict-object";
import { CallRequest, MAX_CALLS, MAX_TIMEOUT_MS, Url } from "./call-request";
import { CallResult, Summary } from "./call-result";
import { faultsOfOrder } from "./call-order";

export { CallRequest, callOfUrl, MAX_CALLS, Url } from "./call-request";
export { CallResult, CallErrorCode } from "./call-result";

const Policy = v.picklist(["settled", "all", "any"]);
/** Condition that the calls meet as a whole. */
export type Policy = v.InferOutput<typeof Policy>;

type Key = string | number;

/** One step of the path of a valibot issue, of which only the key is read. */
function toPathItem(key: Key): v.IssuePathItem {
  return { type: "unknown", origin: "value", input: undefined, key, value: undefined };
}

/** The body of POST /external-api. `urls` is a short form for requests that have nothing but a URL. */
export const ExternalApiRequest = v.pipe(
  strictObject({
    urls: v.optional(boundedArray(Url, MAX_CALLS)),
    requests: v.optional(boundedArray(CallRequest, MAX_CALLS)),
    policy: v.optional(
      v.pipe(
        Policy,
        v.description(
          "settled: always 200. all: 502 as soon as one call is not ok. any: the first ok result wins, the others are cancelled.",
        ),
      ),
      "settled",
    ),
    timeout_ms: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(MAX_TIMEOUT_MS),
        v.description("All calls together."),
      ),
    ),
  }),
  v.partialCheck(
    [["urls"], ["requests"]],
    ({ urls, requests }) => (urls === undefined) !== (requests === undefined),
    "Give either urls or requests",
  ),
  v.metadata({ alsoInSchema: { oneOf: [{ required: ["urls"] }, { required: ["requests"] }] } }),
  v.rawCheck(({ dataset, addIssue }) => {
    const requests: unknown = Object(dataset.value).requests;
    if (!Array.isArray(requests)) return;
    for (const { keys, message } of faultsOfOrder(requests.slice(0, MAX_CALLS))) {
      addIssue({ message, path: [toPathItem("requests"), ...keys.map(toPathItem)] });
    }
  }),
);
export type ExternalApiRequest = v.InferOutput<typeof ExternalApiRequest>;

/** The reply of POST /external-api. Results are in the order of the requests. */
export const ExternalApiReply = strictObject({
  policy: Policy,
  ...Summary.entries,
  results: v.array(CallResult),
});
export type ExternalApiReply = v.InferOutput<typeof ExternalApiReply>;
