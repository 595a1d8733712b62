// Builds the OpenAPI document from the routes and their schemas.
import { codeSamples } from "./code-samples";
import { endpointOf } from "../http/route";
import type { DocumentedRoute } from "./documented-routes";
import { itemExplanations } from "./explanations";
import { replyHeaders } from "./openapi-headers";
import { Problem, repliesOf } from "./openapi-replies";
import { bodyOf, parametersOf } from "./openapi-requests";
import { documentedNouns } from "./nouns";
import { VERIFY_IN_JAVASCRIPT, VERIFY_IN_PYTHON } from "./verify-webhook";
import { describeWebhooks, payloads } from "./webhooks";
import { convertSchemas, type ConvertedSchemas, type Nouns } from "./openapi-schemas";

type Part = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Part;
  readonly servers: readonly Part[];
  readonly tags: readonly Part[];
  /** Routes by path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Part>>>>;
  /** Webhook messages, by the type of the event. */
  readonly webhooks: Readonly<Record<string, Part>>;
  readonly components: Readonly<Record<string, Part>>;
}

const DESCRIPTION = `The asynchronous backend for a static site.

- Every reply has a \`Request-Id\`, \`Cache-Control: no-store\` and \`X-Content-Type-Options: nosniff\`; for a page of an allowed origin also the CORS headers.
- Every refusal is \`application/problem+json\` (RFC 9457). Its \`type\` is the address of a page that explains it.
- \`HEAD\` works wherever \`GET\` does, \`OPTIONS\` answers preflights, any other method is a 405 \`method-not-allowed\` with \`Allow\`, any other path a 404 \`not-found\`.
- A query parameter that is not known, or stands twice, is a 400 \`malformed-request\` that names it and the nearest known one; pages and files ignore what they do not know.
- Pages of a list: \`limit\`, \`cursor\`, \`next_cursor\` and \`Link: <…>; rel="next"\`.
- Without a token only what \`PUBLIC_ENDPOINTS\` names can be POSTed, and a batch can be used by whoever knows its id.

### Verifying webhooks

Each message of a channel of type \`webhook\` is signed by the Standard Webhooks specification; \`webhooks\` below has them all. Verify the body as it came, before it is parsed. In JavaScript:

\`\`\`js
${VERIFY_IN_JAVASCRIPT}\`\`\`

In Python:

\`\`\`python
${VERIFY_IN_PYTHON}\`\`\``;

/**
 * Descriptions of the tags: routes are grouped by the first segment of their path, if it is an endpoint's
 * name.
 */
const TAGS: Readonly<Record<string, string>> = {
  users: "Sign-ups, validated while they wait.",
  tasks: "Tasks, and telling the right people.",
  "process-data": "Operations over lists.",
  "external-api": "Many APIs at once.",
  "batch-process": "Thousands of items in the background.",
  channels: "Where notifications go, and how each of them fares.",
  notifications: "What became of everything that was told.",
  service: "Around them.",
};

/** Builds the OpenAPI document of these routes. */
export function createOpenApi(
  routes: readonly DocumentedRoute[],
  nouns: Nouns,
  version: string,
): OpenApiDocument {
  const schemas = convertSchemas(routes, { ...nouns, ...payloads }, documentedNouns);
  const endpoints = new Set(routes.flatMap((route) => endpointOf(route) ?? []));
  const paths: Record<string, Record<string, Part>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    const tag = tagOf(route, endpoints);
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: toOperation(route, tag, schemas),
    };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Serentak",
      version,
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The deployment that serves this document." }],
    tags: [...new Set([...Object.keys(TAGS), ...endpoints])].map(toTag),
    paths,
    webhooks: describeWebhooks(schemas),
    components: {
      schemas: { Problem, ...explained(schemas.components) },
      headers: replyHeaders,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "One of API_TOKENS." },
      },
    },
  };
}

function toTag(name: string): Part {
  return { name, description: TAGS[name] ?? "An endpoint of this deployment." };
}

/** The component schemas, with explanations added to the codes of failed items. */
function explained(components: ConvertedSchemas["components"]): ConvertedSchemas["components"] {
  const texts: Readonly<Record<string, string>> = itemExplanations;
  return Object.fromEntries(
    Object.entries(components).map(([name, schema]) => {
      const codes = schema.enum?.map(String) ?? [];
      const isExplained = codes.length > 0 && codes.every((code) => Object.hasOwn(texts, code));
      const description = codes.map((code) => `\`${code}\`: ${texts[code]}`).join("\n\n");
      return [name, isExplained ? { ...schema, description } : schema];
    }),
  );
}

function toOperation(route: DocumentedRoute, tag: string, schemas: ConvertedSchemas): Part {
  const { operationId, summary, description } = route;
  const parameters = parametersOf(route, schemas);
  const requestBody = bodyOf(route, schemas);
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, accessNote(route)].filter((text) => text !== undefined).join("\n\n"),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody !== undefined && { requestBody }),
    responses: repliesOf(route, schemas),
    "x-codeSamples": codeSamples(route),
    // The empty requirement stands for requests without a token.
    security: route.access === "token" ? [{ token: [] }] : [{}, { token: [] }],
  };
}

function tagOf({ path }: DocumentedRoute, endpoints: ReadonlySet<string>): string {
  const [, segment = ""] = path.split("/");
  return endpoints.has(segment) || Object.hasOwn(TAGS, segment) ? segment : "service";
}

function accessNote({ access }: DocumentedRoute): string {
  if (access === "token") return "Needs a token.";
  if (access === "open") return "Needs no token.";
  if (access === "link") return "Needs the token of a link alone, from wherever it is opened.";
  return `Needs a token, unless PUBLIC_ENDPOINTS holds \`${access}\`.`;
}
