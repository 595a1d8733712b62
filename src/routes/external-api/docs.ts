// Documentation of /external-api. A test runs each example.
import { MAX_CALLS } from "../../domain/calls/external-api";
import { CONNECTIONS_PER_INVOCATION } from "../../domain/platform";
import type { Docs } from "../../http/route-docs";

const ada = "https://people.example/ada";
const missing = "https://people.example/nobody";
const urls = [ada, missing];

/** Texts and examples by operation id. */
export const externalApiDocs: Docs = {
  externalApi: {
    summary: "Call many APIs at once",
    description: `Up to ${MAX_CALLS} calls start at once; past ${CONNECTIONS_PER_INVOCATION} they spread over further invocations of the Worker, so that a slow host holds up nobody else. A call with \`after\` waits for others, and \`{{ … }}\` in it is made from their results. One that fails never fails the others: each has its receipt, in request order. With \`Accept: application/x-ndjson\` each receipt is a line as soon as it is there, and the last line is the summary; the policy then only decides what is cancelled.`,
    examples: [
      {
        name: "urls",
        summary: "Some URLs at once",
        body: { urls },
      },
      {
        name: "requests",
        summary: "With a selection from the body, and a fallback",
        body: {
          requests: [
            { id: "name", url: ada, select: "name" },
            { id: "other", url: missing, fallback: { name: "unknown" } },
          ],
          policy: "settled",
          timeout_ms: 5000,
        },
      },
      {
        name: "after",
        summary: "A call that is made from another's result",
        body: {
          requests: [
            { id: "first", url: ada },
            { id: "then", after: ["first"], url: ada, query: { born: "{{ first.body.born }}" } },
          ],
        },
      },
      {
        name: "stream",
        summary: "Each receipt as soon as it is there",
        headers: { Accept: "application/x-ndjson" },
        body: { urls },
      },
      {
        name: "all",
        summary: "All or nothing",
        body: { urls, policy: "all" },
        status: 502,
      },
    ],
  },
};
