// Converts the validating schemas to JSON Schema, each once, under its name in `#/components/schemas`.
import { toJsonSchemaDefs, type ConversionConfig, type JsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { Route } from "../http/route";

type Schema = v.GenericSchema;
type Schemas = Readonly<Record<string, Schema>>;

/** Schemas with a name of their own. */
export type Nouns = Schemas;

/** The converted schemas, and references to them. */
export interface ConvertedSchemas {
  /** The content of `#/components/schemas`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** Returns a reference to the schema of a body; undefined for a body that is not JSON. */
  refTo(schema: Schema): JsonSchema | undefined;
  /** Converts an object of parameters or problem members in place. */
  objectOf(schema: Schema): JsonSchema;
}

/**
 * Converts the schemas of all routes at once, since separate conversions would repeat the named ones.
 *
 * @param documented schemas that replace the noun of the same name, which the script has in a simpler form
 */
export function convertSchemas(
  routes: readonly Route[],
  nouns: Nouns,
  documented: Nouns,
): ConvertedSchemas {
  const all = { ...nameBodies(routes), ...nameReplies(routes), ...nouns };
  // A schema that occurs under several names keeps the last one, which is a noun's if it is a noun.
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
  const replies = routes.flatMap(({ operationId, reply, otherReplies = [] }) =>
    [reply, ...otherReplies].flatMap(({ schema, status }, index) =>
      schema !== undefined && isJson(schema)
        ? [[`${capitalize(operationId)}Reply${index === 0 ? "" : status}`, schema] as const]
        : [],
    ),
  );
  return Object.fromEntries(replies);
}

/**
 * Names the schemas that only occur within the document's parameters. A name with a space cannot collide with
 * a component's.
 */
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

/** True if a reply with this schema is JSON; the others are text or empty. */
export function isJson({ type }: Schema): boolean {
  return type !== "string" && type !== "undefined";
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pointerTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/**
 * Actions without a counterpart in JSON Schema: refinements are explained in words, normalisations need no
 * mention.
 */
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
    // The converter does not say which schema it rejects, so each is tried alone.
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
      // A text never has more characters than bytes, so a limit in bytes also limits characters.
      return { ...jsonSchema, maxLength: Math.min(maxLength, requirementOf(valibotAction)) };
    }
    case "regex":
      return { ...jsonSchema, pattern: patternOf(valibotAction) };
    case "transform":
      // Parameters in a query string are texts that become a number, or a list separated by commas.
      return "operation" in valibotAction && valibotAction.operation === Number
        ? { type: "integer" }
        : { type: "array", items: { type: "string", maxLength: jsonSchema.maxLength } };
    case "metadata":
      // A schema's own description, where the conversion of its checks does not reveal it.
      return writtenSchema(valibotAction, jsonSchema);
    default:
      return undefined;
  }
};

/** `jsonSchema` stands in place of what was converted, `alsoInSchema` beside it. */
function writtenSchema(action: object, converted: JsonSchema): JsonSchema | undefined {
  const { metadata }: { readonly metadata?: unknown } = action;
  const written: { readonly jsonSchema?: JsonSchema; readonly alsoInSchema?: JsonSchema } =
    Object(metadata);
  const { jsonSchema, alsoInSchema } = written;
  if (alsoInSchema === undefined) return jsonSchema;
  // The converter has copied the metadata itself by then.
  const own = Object.entries(converted).filter(([key]) => key !== "alsoInSchema");
  return { ...Object.fromEntries(own), ...alsoInSchema };
}

/** The default of a number or list in a query is given as the text from which it is parsed. */
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

/** JSON Schema's patterns have no flags; of ours only `i` matters, and only for ranges of letters. */
function patternOf(action: object): string {
  if (!("requirement" in action && action.requirement instanceof RegExp)) return "";
  const { source, ignoreCase } = action.requirement;
  return ignoreCase ? source.replaceAll("a-z", "A-Za-z") : source;
}

/** Inlines lazy schemas without a name, which the converter would name by number. */
function inlineUnnamed(schemas: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const named = Object.entries(schemas).filter(([name]) => !/^\d+$/.test(name));
  const replace = (_: string, value: unknown): unknown => {
    const ref = typeof value === "object" && value !== null && "$ref" in value ? value.$ref : "";
    const number = /\/(\d+)$/.exec(String(ref))?.[1];
    return number === undefined ? value : JSON.parse(JSON.stringify(schemas[number], replace));
  };
  // Cast, since `parse` forgets the type.
  return JSON.parse(JSON.stringify(Object.fromEntries(named), replace)) as typeof schemas;
}
