// The operation that tells if an item is what it should be.
import * as v from "valibot";
import { EmailAddress } from "../email/email-address";
import { isLonger } from "../../lib/is-longer";
import { lazyPattern } from "../../lib/lazy";
import { readInstant } from "./date-read";
import { ItemError } from "./errors";
import { JsonSchema, type Verdict } from "./json-schema";
import {
  WORK_PER_EVALUATION,
  WORK_PER_MEMBER,
  WORK_PER_NAME,
  WORK_PER_VALUE,
} from "./json-schema-work";
import { MAX_URL_CHARS } from "./limits";
import { itemOperation, type OperationDefinition, type Run } from "./operation";
import { AnyObject } from "./parameters";

/** Characters of a schema as JSON. */
const MAX_SCHEMA_CHARS = 20_000;

const Schema = v.union([v.boolean(), AnyObject]);

const KINDS = ["email", "url", "uuid", "ip", "date", "schema"] as const;
type Kind = Exclude<(typeof KINDS)[number], "schema">;

const Uuid = v.pipe(v.string(), v.uuid());
const Ipv4 = v.pipe(v.string(), v.ipv4());
/** IPv6 in any of RFC 4291's spellings, also with the last four bytes in decimals; the platform's URLs know them. */
const isIpv6 = (text: string) =>
  /^[\da-f:.]{2,45}$/i.test(text) && URL.canParse(`http://[${text}]`);
// Characters that are dropped from domains (UTS #46 §4): a verdict is on the text as it is. Joiners are judged by where
// they stand.
const DROPPED = String.raw`[\p{Default_Ignorable_Code_Point}--[\u200c\u200d]]`;
const DROPPED_AFTER_AT = lazyPattern(`${DROPPED}[^@]*$`, "v");
/**
 * Characters that a browser drops from a URL, reads as a slash or replaces, though no URL has them (WHATWG URL §4.3), and
 * marks of direction (RFC 3987 §4.1).
 */
const NOT_IN_URL = lazyPattern(
  String.raw`[\0-\x20\x7f\\\p{Cs}\p{Bidi_Control}]|^https?:(?!//[^\/])|^https?://[^\/?#]*${DROPPED}`,
  "iv",
);
/** RFC 3339's dates and times, and dates alone. */
const DATE = /^\d{4}-\d\d-\d\d(?:[Tt ](?!24)\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/;

/** The reason why a text is none of its kind; undefined if it is one. */
const REASONS: Readonly<Record<Kind, (text: string) => string | undefined>> = {
  // Sign-ups forgive spaces around an address; a verdict is on the text as it is.
  email: (text) => {
    if (text !== text.trim()) return "Spaces stand around it";
    const fault = v.safeParse(EmailAddress, text).issues?.[0].message;
    return (
      fault ?? (DROPPED_AFTER_AT().test(text) ? "The domain has an invisible character" : undefined)
    );
  },
  url: (text) => {
    if (isLonger(text, MAX_URL_CHARS)) return `Over ${MAX_URL_CHARS} characters`;
    const url = NOT_IN_URL().test(text) ? null : URL.parse(text);
    if (url === null) return "Not an absolute URL";
    return /^https?:$/.test(url.protocol) ? undefined : "Not http or https";
  },
  uuid: (text) => (v.is(Uuid, text) ? undefined : "Not a UUID"),
  ip: (text) => (v.is(Ipv4, text) || isIpv6(text) ? undefined : "Not an IPv4 or IPv6 address"),
  date: (text) => (DATE.test(text) ? dateFault(text) : "Not an RFC 3339 date or time"),
};

function dateFault(text: string): string | undefined {
  try {
    readInstant(text, "UTC");
    return undefined;
  } catch (error) {
    if (error instanceof ItemError) return error.message;
    throw error;
  }
}

function verdictOn(item: unknown, reasonOf: (text: string) => string | undefined): Verdict {
  const reason = typeof item === "string" ? reasonOf(item) : "Not a text";
  return reason === undefined ? { valid: true } : { valid: false, reason };
}

function schemaFault(schema: unknown): string | undefined {
  if (schema === undefined) return "Give a schema to validate by";
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS)
    return `A schema has at most ${MAX_SCHEMA_CHARS} characters as JSON`;
  try {
    return new JsonSchema(schema).patternsFault();
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** All operations that judge items. */
export const validationOperations: readonly OperationDefinition[] = [
  itemOperation({
    name: "validate",
    summary:
      "Tells if an item is an e-mail address, a URL, a UUID, an IP address, a date, or fits a JSON Schema",
    price: {
      per_item: 1_000,
      per_character: 20,
      metered: `${WORK_PER_EVALUATION} for each evaluation of a schema or a part of it, and there ${WORK_PER_NAME} for each name and ${WORK_PER_VALUE} for each value that it lists and ${WORK_PER_MEMBER} for each member of the object; for \`uniqueItems\` its elements times its values; patterns as by \`regex_match\``,
    },
    parameters: {
      as: v.picklist(KINDS),
      schema: v.optional(
        v.pipe(
          Schema,
          v.description(
            "JSON Schema, 2020-12 unless `$schema` says so, without remote and dynamic references; formats are checked, and patterns are in RE2's syntax.",
          ),
        ),
      ),
    },
    example: {
      parameters: { as: "email" },
      input: ["ada@example.com", "ada@"],
      output: [{ valid: true }, { valid: false, reason: "The domain is empty" }],
    },
    check: ({ as, schema }) => {
      const message =
        as === "schema"
          ? schemaFault(schema)
          : schema !== undefined && `As ${as} there is no schema`;
      return message ? { parameter: "schema", message } : undefined;
    },
    make: ({ as, schema }) => {
      if (as !== "schema") return (item) => verdictOn(item, REASONS[as]);
      const compiled = new JsonSchema(schema);
      return (item, run: Run) => compiled.validate(item, run);
    },
  }),
];
