// What the documentation shows of /external-api. Each is run as a test.
import type { CallResult } from "../../domain/calls/external-api";
import type { Examples } from "../../reference/example";
import { problemExample } from "./problem-example";

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

/** POST /external-api. */
export const externalApiExamples: Examples = [
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
];
