// Documentation of the routes besides the endpoints. A test runs each example.
import type { Docs } from "../../http/route-docs";

/** Texts and examples by operation id. */
export const aroundDocs: Docs = {
  getHealth: {
    summary: "Tell that the Worker runs, and its version",
    examples: [{ name: "alive", summary: "It runs" }],
  },
  explainProblem: {
    summary: "Explain a problem type",
    examples: [
      {
        name: "page",
        summary: "The page of `email-taken` (an excerpt)",
        params: { code: "email-taken" },
        excerpt: /<h1>.*<\/h1>/,
      },
    ],
  },
  getOpenApi: {
    summary: "Read this document",
    description: "OpenAPI 3.1. `/docs` shows it.",
    examples: [
      {
        name: "document",
        summary: "This document (an excerpt)",
        excerpt: "{openapi: openapi, info: {title: info.title, version: info.version}}",
      },
    ],
  },
  getConsole: {
    summary: "Open the console",
    replies: { 304: "You have it." },
    examples: [
      {
        name: "page",
        summary: "The console (an excerpt)",
        excerpt: /<title>.*<\/title>/,
      },
    ],
  },
  getDocs: {
    summary: "Open the API reference",
    replies: { 304: "You have it." },
    examples: [
      {
        name: "page",
        summary: "The API reference (an excerpt)",
        excerpt: /<title>.*<\/title>/,
      },
    ],
  },
  getClient: {
    summary: "Load the browser client, a module",
    replies: { 304: "You have it." },
    examples: [
      {
        name: "module",
        summary: "The client (an excerpt)",
        excerpt: /export ?\{/,
      },
    ],
  },
};
