// Documentation of the routes besides the endpoints. A test runs each example.
import type { Docs } from "../../http/route-docs";

/** Texts and examples by operation id. */
export const aroundDocs: Docs = {
  getHealth: {
    summary: "Tell that the Worker runs, and its version",
    description:
      "With a token and `?deep=true` also how each part fares: the configuration, each table, KV and each channel, with the names of what fails.",
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
  thank: {
    summary: "Thank after a form",
    description:
      "In the words of THANKS, in the language that fits `Accept-Language` best. A form leads here that names no `_next`.",
    examples: [{ name: "page", summary: "The page (an excerpt)", excerpt: /<h1>.*<\/h1>/ }],
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
  getIcon: {
    summary: "Load the icon",
    replies: { 304: "You have it." },
    examples: [{ name: "icon", summary: "The icon (an excerpt)", excerpt: /PNG/ }],
  },
  getRobots: {
    summary: "Read what crawlers may read",
    replies: { 304: "You have it." },
    examples: [{ name: "robots", summary: "Documentation alone" }],
  },
  getLlmsText: {
    summary: "Read the API in short, as programs like it (llmstxt.org)",
    examples: [{ name: "text", summary: "The text (an excerpt)", excerpt: /^# .*/ }],
  },
  getSecurityText: {
    summary: "Read whom to tell of a weakness (RFC 9116)",
    examples: [{ name: "text", summary: "The text (an excerpt)", excerpt: /^Contact: .*/ }],
  },
};
