// What the documentation shows of what is around the endpoints. Each is run as a test.
import { version } from "../../../package.json";
import type { Examples } from "../../reference/example";
import { problems } from "../../http/problem";

export const getHealthExamples: Examples = [
  { name: "alive", summary: "It runs", reply: { body: { status: "ok", version } } },
];

export const explainProblemExamples: Examples = [
  {
    name: "page",
    summary: "The page of `email-taken` (an excerpt)",
    params: { code: "email-taken" },
    reply: { body: `<h1>${problems["email-taken"].title}</h1>`, isExcerpt: true },
  },
];

export const getOpenApiExamples: Examples = [
  {
    name: "document",
    summary: "This document (an excerpt)",
    reply: {
      body: { openapi: "3.1.1", info: { title: "Serentak", version } },
      isExcerpt: true,
    },
  },
];

export const getConsoleExamples: Examples = [
  {
    name: "page",
    summary: "The console (an excerpt)",
    reply: { body: "<title>Serentak console</title>", isExcerpt: true },
  },
];

export const getDocsExamples: Examples = [
  {
    name: "page",
    summary: "The API reference (an excerpt)",
    reply: { body: "<title>Serentak – API reference</title>", isExcerpt: true },
  },
];

export const getClientExamples: Examples = [
  {
    name: "module",
    summary: "The client (an excerpt)",
    reply: { body: "export{", isExcerpt: true },
  },
];
