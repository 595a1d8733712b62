// The schemas that validate, as JSON Schema: each once, under its name in `#/components/schemas`.
import { toJsonSchemaDefs, type ConversionConfig, type JsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { Route } from "../http/route";

type Schema = v.GenericSchema;
type Schemas = Readonly<Record<string, Schema>>;

/** Schemas with names of their own. */
export type Nouns = Schemas;

/** What the document takes from the schemas. */
export interface ConvertedSchemas {
  /** The content of `#/components/schemas`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** A reference to the schema of a body; undefined where there is no JSON. */
  refTo(schema: Schema): JsonSchema | undefined;
  /** A query, path parameters, or the members of a problem: an object, converted in place. */
  objectOf(schema: Schema): JsonSchema;
}

/**
 * Converts the schemas of all routes. In one go: each conversion would repeat the nouns.
 *
 * @param documented what is shown in the place of a noun of the same name, which says less in the script
 */
export function convertSchemas(
  routes: readonly Route[],
  nouns: Nouns,
  documented: Nouns,
): ConvertedSchemas {
  const all = { ...nameBodies(routes), ...nameReplies(routes), ...nouns };
  // The last name that a schema has is its own: that of a noun, if it is one.
  const own = new Map(Object.entries(all).map(([name, schema]) => [schema, name]));
  const named = Object.fromEntries([...own].map(([schema, name]) => [name, schema]));
  const members = nameParts(routes, ["problemMembers"]);
  const fields = nameParts(routes, ["query", "params"]);
  const shown = { ...convert({ ...named, ...members }, "input"), ...convert(documented, "input") };
  const parts = { ...shown, ...convert(fields, "output") };
  const names = new Map(
    Object.entries({ ...fields, ...members, ...named }).map(([name, schema]) => [schema, name]),
  );
  return {
    components: Object.fromEntries(Object.entries(shown).filter(([name]) => !name.includes(" "))),
    refTo: (schema) => {
      const name = names.get(schema);
      return name === undefined ? undefined : { $ref: pointerTo(name) };
    },
    objectOf: (schema) => parts[names.get(schema) ?? ""] ?? {},
  };
}

function nameBodies(routes: readonly Route[]): Schemas {
  const bodies = routes.flatMap(({ operationId, body }) =>
    body === undefined ? [] : [[`${capitalize(operationId)}Request`, body] as const],
  );
  return Object.fromEntries(bodies);
}

function nameReplies(routes: readonly Route[]): Schemas {
  const replies = routes.flatMap(({ operationId, reply: { schema } }) =>
    isJson(schema) ? [[`${capitalize(operationId)}Reply`, schema] as const] : [],
  );
  return Object.fromEntries(replies);
}

/** Schemas that are taken apart in the document. A name with a space cannot be a component's. */
function nameParts(
  routes: readonly Route[],
  kinds: readonly ("query" | "params" | "problemMembers")[],
): Schemas {
  const parts = routes.flatMap((route) =>
    kinds.flatMap((kind) => {
      const schema = route[kind];
      return schema === undefined ? [] : [[`${route.operationId} ${kind}`, schema] as const];
    }),
  );
  return Object.fromEntries(parts);
}

/** Whether a reply of this schema is JSON: the others are text, or nothing. */
export function isJson({ type }: Schema): boolean {
  return type !== "string" && type !== "undefined";
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pointerTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** What cannot be said in JSON Schema: refinements stand in words, normalisations need no mention. */
const WITHOUT_JSON_SCHEMA = ["check", "partial_check", "raw_check", "trim", "to_lower_case"];

function convert(schemas: Schemas, typeMode: "input" | "output"): Record<string, JsonSchema> {
  const toJson = (some: Schemas): Record<string, JsonSchema> =>
    toJsonSchemaDefs(
      { ...some },
      {
        target: "draft-2020-12",
        typeMode,
        ignoreActions: WITHOUT_JSON_SCHEMA,
        overrideAction,
        overrideSchema,
        overrideRef: ({ referenceId }) => pointerTo(referenceId),
      },
    );
  try {
    return inlineUnnamed(toJson(schemas));
  } catch (error) {
    // The converter does not say which it refuses: the first that it refuses alone.
    for (const [name, schema] of Object.entries(schemas))
      blame(name, () => toJson({ [name]: schema }));
    throw error;
  }
}

function blame(name: string, convertOne: () => void): void {
  try {
    convertOne();
  } catch (cause) {
    throw new Error(`${name}: ${String(cause)}`, { cause });
  }
}

const overrideAction: NonNullable<ConversionConfig["overrideAction"]> = ({
  valibotAction,
  jsonSchema,
}) => {
  switch (valibotAction.type) {
    case "max_bytes": {
      const { maxLength = Infinity } = jsonSchema;
      // No text has more characters than bytes.
      return { ...jsonSchema, maxLength: Math.min(maxLength, requirementOf(valibotAction)) };
    }
    case "regex":
      return { ...jsonSchema, pattern: patternOf(valibotAction) };
    case "transform":
      // In a query string, text becomes a number, or a list that is separated by commas.
      return "operation" in valibotAction && valibotAction.operation === Number
        ? { type: "integer" }
        : { type: "array", items: { type: "string", maxLength: jsonSchema.maxLength } };
    case "metadata":
      // What a text in a query string stands for, where the conversion cannot tell.
      return writtenSchema(valibotAction);
    default:
      return undefined;
  }
};

function writtenSchema(action: object): JsonSchema | undefined {
  const { metadata }: { readonly metadata?: unknown } = action;
  const { jsonSchema }: { readonly jsonSchema?: JsonSchema } = Object(metadata);
  return jsonSchema;
}

/** The default of a number or list in a query is written as the text that it is made of. */
const overrideSchema: NonNullable<ConversionConfig["overrideSchema"]> = ({ jsonSchema }) => {
  const { type, default: value } = jsonSchema;
  if (typeof value !== "string") return undefined;
  if (type === "integer") return { ...jsonSchema, default: Number(value) };
  return type === "array" ? { ...jsonSchema, default: [] } : undefined;
};

function requirementOf(action: object): number {
  return "requirement" in action && typeof action.requirement === "number"
    ? action.requirement
    : Infinity;
}

/** Patterns of JSON Schema have no flags; of ours, `i` matters, and only in ranges of letters. */
function patternOf(action: object): string {
  if (!("requirement" in action && action.requirement instanceof RegExp)) return "";
  const { source, ignoreCase } = action.requirement;
  return ignoreCase ? source.replaceAll("a-z", "A-Za-z") : source;
}

/** The converter numbers what is lazy and has no name; a number says nothing, so these stand in place. */
function inlineUnnamed(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const named = Object.entries(schemas).filter(([name]) => !/^\d+$/.test(name));
  const replace = (_: string, value: unknown): unknown => {
    const ref = typeof value === "object" && value !== null && "$ref" in value ? value.$ref : "";
    const number = /\/(\d+)$/.exec(String(ref))?.[1];
    return number === undefined ? value : JSON.parse(JSON.stringify(schemas[number], replace));
  };
  return JSON.parse(JSON.stringify(Object.fromEntries(named), replace)) as typeof schemas;
}
