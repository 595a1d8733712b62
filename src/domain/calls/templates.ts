// `{{ … }}` in a call that waits for others: JMESPath expressions over their results.
import { HeaderValue } from "./upstream-settings";
import { withDoubles } from "../../lib/exact-json";
import * as v from "valibot";
import { QueryError, type Budget } from "../json-query/budget";
import type { Query } from "../json-query";
import { MAX_URL_CHARACTERS, type CallRequest } from "./call-request";
import type { CallResult } from "./call-result";
import type { FieldFault } from "./caller-additions";

/** Expressions of one call, at most. */
const MAX_EXPRESSIONS = 100;
/** Characters that expressions may put into one call. */
const MAX_RENDERED_CHARACTERS = 1024 * 1024;

/** A text cut into what is written and what is computed. */
type Part = string | { readonly expression: string };

/** Compiles an expression. @throws QueryError */
type Compile = (expression: string) => Query;

/** A call cannot be made from the results it waits for. `message` may be shown to the caller. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** A field that holds a text with expressions. */
interface Place {
  readonly keys: readonly string[];
  readonly kind: "path" | "header" | "value" | "json";
}

/** True if the text has an expression, in a call that waits for others. */
export function hasTemplate({ after, path }: CallRequest): boolean {
  return after !== undefined && path?.includes("{{") === true;
}

/** Faults of the expressions of a call. */
export async function faultsOfTemplates(request: CallRequest): Promise<FieldFault[]> {
  if (request.after === undefined) return [];
  const compile = await loadCompiler();
  const faults: FieldFault[] = [];
  if (request.url?.includes("{{") === true)
    faults.push({ keys: ["url"], detail: "Not computed here: use query, or an upstream's path" });
  let count = 0;
  mapTexts(request, (text, { keys }) => {
    try {
      const parts = split(text);
      for (const part of parts) if (typeof part !== "string") compile(part.expression);
      count += parts.filter((part) => typeof part !== "string").length;
    } catch (error) {
      faults.push({ keys, detail: reasonOf(error) });
    }
    return text;
  });
  if (count > MAX_EXPRESSIONS)
    faults.push({ keys: ["after"], detail: `At most ${MAX_EXPRESSIONS} expressions in a call` });
  return faults;
}

/** A call with its expressions computed, and its path with a letter in place of each. */
export interface Rendered {
  readonly request: CallRequest;
  readonly pathShape: string | undefined;
}

/**
 * Computes the expressions of a call over the results it waits for.
 *
 * @param hasPaths true if the operator listed the paths of the call's upstream
 * @throws TemplateError if one cannot be computed, is null, or does not fit into its place
 */
export async function render(
  request: CallRequest,
  results: Readonly<Record<string, CallResult>>,
  { queries, hasPaths }: { queries: Budget; hasPaths: boolean },
): Promise<Rendered> {
  const compile = await loadCompiler();
  const data = withDoubles(results);
  let left = MAX_RENDERED_CHARACTERS;
  const compute = (expression: string): unknown => {
    const value = evaluate(expression, data, { compile, queries });
    left -= typeof value === "string" ? value.length : JSON.stringify(value).length;
    if (left < 0) throw new TemplateError("The results are too large to be sent");
    return value;
  };
  let pathShape: string | undefined;
  const rendered = mapTexts(request, (text, { kind }) => {
    const parts = split(text);
    if (kind === "json" || kind === "value") return fill(parts, compute, kind);
    if (kind === "header") return headerOf(joined(parts, (part) => asText(compute(part))));
    pathShape = joined(parts, () => "x");
    const path = joined(parts, (part) => segmentOf(asText(compute(part)), hasPaths));
    if (path.length <= MAX_URL_CHARACTERS) return path;
    throw new TemplateError("The path is too long");
  });
  return { request: rendered, pathShape };
}

async function loadCompiler(): Promise<Compile> {
  const { compileQuery } = await import("../json-query");
  return compileQuery;
}

function reasonOf(error: unknown): string {
  if (error instanceof QueryError || error instanceof TemplateError) return error.message;
  throw error;
}

function evaluate(
  expression: string,
  data: unknown,
  { compile, queries }: { compile: Compile; queries: Budget },
): unknown {
  let value: unknown;
  try {
    value = compile(expression).evaluate(data, queries);
  } catch (error) {
    throw new TemplateError(`{{ ${expression} }}: ${reasonOf(error)}`);
  }
  if (value !== null && value !== undefined) return value;
  throw new TemplateError(`{{ ${expression} }} is null`);
}

/** A text that is one expression takes its value's type. */
function fill(
  parts: readonly Part[],
  compute: (expression: string) => unknown,
  kind: "json" | "value",
): unknown {
  const [only] = parts;
  if (parts.length !== 1 || only === undefined || typeof only === "string")
    return joined(parts, (part) => asText(compute(part)));
  const value = compute(only.expression);
  if (kind === "json") return value;
  return Array.isArray(value) ? value.map(asScalar) : asScalar(value);
}

function joined(parts: readonly Part[], compute: (expression: string) => string): string {
  return parts.map((part) => (typeof part === "string" ? part : compute(part.expression))).join("");
}

function asScalar(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : asText(value);
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError("A list or an object cannot be written into a text");
}

function headerOf(value: string): string {
  if (v.is(HeaderValue, value)) return value;
  throw new TemplateError("The result has characters that a header cannot hold");
}

/** One segment of a path, percent-encoded: it can neither climb nor reach into a path that is not open. */
function segmentOf(value: string, hasPaths: boolean): string {
  if (value === "") throw new TemplateError("A segment of the path would be empty");
  if (value.split(/[/\\]/).some((part) => part === "." || part === ".."))
    throw new TemplateError("A segment of the path would be . or ..");
  if (hasPaths && /[/\\%]/.test(value))
    throw new TemplateError(
      "A segment of the path would hold a slash, a backslash or a per cent sign",
    );
  return encodeURIComponent(value.toWellFormed());
}

/** The call with each text that may hold expressions replaced. */
function mapTexts(
  request: CallRequest,
  replace: (text: string, place: Place) => unknown,
): CallRequest {
  const { path, query, headers, json, form } = request;
  const each = (record: Readonly<Record<string, unknown>>, field: string, kind: Place["kind"]) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        mapStrings(value, (text) => replace(text, { keys: [field, name], kind })),
      ]),
    );
  const mapped = {
    ...request,
    ...(path !== undefined && { path: replace(path, { keys: ["path"], kind: "path" }) }),
    ...(query !== undefined && { query: each(query, "query", "value") }),
    ...(form !== undefined && { form: each(form, "form", "value") }),
    ...(json !== undefined && {
      json: mapStrings(json, (text) => replace(text, { keys: ["json"], kind: "json" })),
    }),
    headers: each(headers, "headers", "header"),
  };
  // The replacements are texts where the schema wants them: `replace` decides by the kind of the place.
  return mapped as CallRequest;
}

/** A JSON value with its strings replaced, keys left as they are. */
function mapStrings(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === "string") return value.includes("{{") ? replace(value) : value;
  if (Array.isArray(value)) return value.map((part: unknown) => mapStrings(part, replace));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, mapStrings(part, replace)]),
  );
}

const QUOTES = new Set(["'", '"', "`"]);

/** Cuts a text at its expressions. @throws TemplateError for one that does not end */
function split(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (let open = text.indexOf("{{"); open !== -1; open = text.indexOf("{{", at)) {
    const end = endOf(text, open + 2);
    if (end === -1) throw new TemplateError("An expression does not end: {{ without }}");
    if (open > at) parts.push(text.slice(at, open));
    parts.push({ expression: text.slice(open + 2, end).trim() });
    at = end + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** The place of the `}}` that ends an expression; JMESPath has braces and quotes of its own. */
function endOf(text: string, start: number): number {
  let depth = 0;
  let quote = "";
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (QUOTES.has(character)) quote = character;
    else if (character === "{") depth += 1;
    else if (character === "}" && depth > 0) depth -= 1;
    else if (character === "}") return text[at + 1] === "}" ? at : -1;
  }
  return -1;
}
