// What the documentation says of /external-api. Each example is run as a test.
import type { CallResult } from "../../domain/calls/external-api";
import { MAX_CALLS } from "../../domain/calls/external-api";
import { CONNECTIONS_PER_INVOCATION } from "../../domain/platform";
import type { Docs } from "../../http/route-docs";
import { problemExample } from "../problem-example";

const headers = { "content-type": "application/json" };
const times = { started_ms: 0.3, duration_ms: 120.1 };
const ada: CallResult = {
  id: "0",
  status: "fulfilled",
  url: "https://people.example/ada",
  http_status: 200,
  ok: true,
  headers,
  body_type: "json",
  body: { name: "Ada", born: 1815 },
  bytes: 26,
  redirects: 0,
  attempts: 1,
  ...times,
};
const missing: CallResult = {
  ...ada,
  id: "1",
  url: "https://people.example/nobody",
  http_status: 404,
  ok: false,
  body: { error: "not found" },
  bytes: 21,
};
const summary = { total: 2, fulfilled: 2, rejected: 0, duration_ms: 120.4 };
const urls = [ada.url, missing.url];

export const externalApiDocs: Docs = {
  externalApi: {
    summary: "Call many APIs at once",
    description: `Up to ${MAX_CALLS} calls start at once, ${CONNECTIONS_PER_INVOCATION} wait for their response headers at a time. One that fails never fails the others: each has its receipt, in request order. With \`Accept: application/x-ndjson\` each receipt is a line as soon as it is there, and the last line is the summary; the policy then only decides what is cancelled.`,
    examples: [
      {
        name: "urls",
        summary: "Some URLs at once",
        body: { urls },
        reply: { body: { policy: "settled", ...summary, results: [ada, missing] } },
      },
      {
        name: "requests",
        summary: "With a selection from the body, and a fallback",
        body: {
          requests: [
            { id: "name", url: ada.url, select: "name" },
            { id: "other", url: missing.url, fallback: { name: "unknown" } },
          ],
          policy: "settled",
          timeout_ms: 5000,
        },
        reply: {
          body: {
            policy: "settled",
            ...summary,
            results: [
              { ...ada, id: "name", body: "Ada" },
              { ...missing, id: "other", body: { name: "unknown" }, fallback_used: true },
            ],
          },
        },
      },
      {
        name: "stream",
        summary: "Each receipt as soon as it is there",
        headers: { Accept: "application/x-ndjson" },
        body: { urls },
        reply: {
          mediaType: "application/x-ndjson",
          body: [ada, missing, summary].map((line) => `${JSON.stringify(line)}\n`).join(""),
        },
      },
      {
        name: "all",
        summary: "All or nothing",
        body: { urls, policy: "all" },
        reply: problemExample("upstream-failed", "1 of 2 calls were not ok.", {
          results: [ada, missing],
        }),
      },
    ],
  },
};
