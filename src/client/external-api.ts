// The client's calls of POST /external-api, as one reply or as a stream of receipts.
import type { CallOptions, Client } from "./api";
import { readPart } from "./reply";
import { MEDIA_TYPES, type ApiCall, type Transport } from "./transport";
import type { CallResult, CallSummary, ExternalApiReply, ExternalApiRequest } from "./wire";

type Input = readonly string[] | ExternalApiRequest;

/** The two methods of the client that call other APIs. */
export function externalApiOf(
  transport: Transport,
): Pick<Client, "externalApi" | "streamExternalApi"> {
  return {
    externalApi: (input, { onResult, ...options } = {}) => {
      const request = toRequest(input);
      return onResult === undefined
        ? transport.call(toCall(request), options)
        : gather(transport, request, onResult, options);
    },
    streamExternalApi: (input, options) => stream(transport, toRequest(input), options),
  };
}

function isList(input: Input): input is readonly string[] {
  return Array.isArray(input);
}

function toRequest(input: Input): ExternalApiRequest {
  return isList(input) ? { urls: input } : input;
}

/** The request is not repeatable: its calls may change something at the upstream. */
function toCall(json: ExternalApiRequest): ApiCall {
  return { method: "POST", path: "/external-api", json, has: ["results"] };
}

async function* stream(
  transport: Transport,
  request: ExternalApiRequest,
  options: CallOptions = {},
): AsyncGenerator<CallResult, CallSummary> {
  let summary: CallSummary | undefined;
  // The stream is read to its end, since browsers log a cancelled stream as a failure.
  for await (const line of transport.lines(toCall(request), MEDIA_TYPES.ndjson, options)) {
    // Each line is a receipt, the last one the summary.
    const value = readPart(line, ["status", "total"]) as CallResult | CallSummary;
    if ("status" in value) yield value;
    else summary = value;
  }
  if (summary) return summary;
  throw new TypeError("The stream of receipts broke off");
}

async function gather(
  transport: Transport,
  request: ExternalApiRequest,
  onResult: (result: CallResult) => void,
  options: CallOptions,
): Promise<ExternalApiReply> {
  const found = new Map<string, CallResult>();
  const receipts = stream(transport, request, options);
  for (;;) {
    const { done, value } = await receipts.next();
    if (done) {
      const { policy = "settled" } = request;
      return { policy, ...value, results: inRequestOrder(request, found) };
    }
    found.set(value.id, value);
    onResult(value);
  }
}

function inRequestOrder(
  { urls, requests = [] }: ExternalApiRequest,
  found: ReadonlyMap<string, CallResult>,
): CallResult[] {
  const ids =
    urls?.map((_, index) => String(index)) ?? requests.map(({ id }, index) => id ?? String(index));
  return ids.flatMap((id) => found.get(id) ?? []);
}
