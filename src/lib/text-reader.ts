// Parses values given as text, such as cells of a CSV file, into the type that their schema expects.
import type * as v from "valibot";

/** A parser for values given as text. */
export interface TextReader {
  /** Parses a text. Returns a text that does not parse unchanged, so that the schema refuses it. */
  readonly read: (text: string) => unknown;
  /** True if the text is parsed as JSON, in which numbers can lose precision. */
  readonly isJson: boolean;
}

const AS_TEXT: TextReader = { read: (text) => text, isJson: false };
const AS_JSON: TextReader = { read: toJson, isJson: true };

/** Readers by the type of a schema without its wrappers. A value of any other type is JSON. */
const READERS: Readonly<Record<string, TextReader>> = {
  string: AS_TEXT,
  picklist: AS_TEXT,
  literal: AS_TEXT,
  number: { read: toNumber, isJson: true },
  boolean: {
    read: (text) => (text === "true" ? true : text === "false" ? false : text),
    isJson: false,
  },
};

/**
 * Creates a reader for values of this schema. A list of texts is written as words, separated by spaces, `,`
 * or `;`.
 */
export function textReader(schema: v.GenericSchema): TextReader {
  const bare = unwrap(schema);
  if ("item" in bare && isSchema(bare.item) && unwrap(bare.item).type === "string")
    return { read: toWords, isJson: false };
  return READERS[bare.type] ?? AS_JSON;
}

/** The schema inside `optional`, `nullable` and the like. A pipe has the type of its first schema. */
function unwrap(schema: v.GenericSchema): v.GenericSchema {
  return "wrapped" in schema && isSchema(schema.wrapped) ? unwrap(schema.wrapped) : schema;
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}

function toNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function toWords(text: string): unknown {
  return text.split(/[\s,;]+/).filter((word) => word !== "");
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
