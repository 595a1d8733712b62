// What the documentation says of the routes around the endpoints. Each example is run as a test.
import { version } from "../../../package.json";
import type { Docs } from "../../http/route-docs";
import { problems } from "../../http/problem";

export const aroundDocs: Docs = {
  getHealth: {
    summary: "Tell that the Worker runs, and its version",
    examples: [{ name: "alive", summary: "It runs", reply: { body: { status: "ok", version } } }],
  },
  explainProblem: {
    summary: "Explain a problem type",
    examples: [
      {
        name: "page",
        summary: "The page of `email-taken` (an excerpt)",
        params: { code: "email-taken" },
        reply: { body: `<h1>${problems["email-taken"].title}</h1>`, isExcerpt: true },
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
        reply: {
          body: { openapi: "3.1.1", info: { title: "Serentak", version } },
          isExcerpt: true,
        },
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
        reply: { body: "<title>Serentak console</title>", isExcerpt: true },
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
        reply: { body: "<title>Serentak – API reference</title>", isExcerpt: true },
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
        reply: { body: "export{", isExcerpt: true },
      },
    ],
  },
};
