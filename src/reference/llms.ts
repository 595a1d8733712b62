// The text of /llms.txt (https://llmstxt.org): what programs that read should know of this API, derived from
// the routes.
import type { DocumentedRoute } from "./documented-routes";

/** Stands for the origin of the deployment, which only a request knows. */
const ORIGIN = "{origin}";

const RULES = [
  "JSON in UTF-8, snake_case names, instants in RFC 3339 UTC. Unknown fields (422) and query parameters (400) are refused.",
  "Every refusal is `application/problem+json` (RFC 9457) with `code`, `detail`, `request_id` and, for a 422, `errors`.",
  "Without a token only what the operator opened can be POSTed. A token goes into `Authorization: Bearer <token>`.",
  "POSTs that create something take an `Idempotency-Key`: a repeat gets the first reply.",
  "Lists: `?limit=`, `?cursor=`, `next_cursor`. `Accept: application/x-ndjson` or `text/csv` exports everything.",
];

/** Writes the text; every address in it begins with `{origin}`. */
export function createLlmsText(routes: readonly DocumentedRoute[]): string {
  const paragraphs = [
    "# Serentak",
    "> The asynchronous backend for a static site, in one Cloudflare Worker: sign-ups, tasks and notifications, transformations, calls of many APIs at once, batches in the background.",
    RULES.map((rule) => `- ${rule}`).join("\n"),
    "## Documents",
    [
      `- [OpenAPI 3.1](${ORIGIN}/openapi.json): every route, schema, example and webhook`,
      `- [API reference](${ORIGIN}/docs): the same, for people`,
      `- [Operations](${ORIGIN}/process-data): what /process-data and batches can run, with examples`,
      `- [Client](${ORIGIN}/client.js): a module for browsers`,
    ].join("\n"),
    "## Routes",
    routes.map(({ method, path, summary }) => `- \`${method} ${path}\`: ${summary}`).join("\n"),
  ];
  return `${paragraphs.join("\n\n")}\n`;
}
