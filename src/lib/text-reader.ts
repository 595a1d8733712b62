// Parses values given as text, such as cells of a CSV file, into the type that their schema expects.
import type * as v from "valibot";
import { isSchema, unwrapSchema } from "./unwrap-schema";

/** A parser for values given as text. */
export interface TextReader {
  /** Parses a text. Returns a text that does not parse unchanged, so that the schema refuses it. */
  readonly read: (text: string) => unknown;
  /** `json` if any text has to be JSON, which no schema checks where the value may be a text as well. */
  readonly type: "text" | "number" | "json";
  /** True if null is a value, which is written `null`. */
  readonly isNullable: boolean;
}

type Reader = Omit<TextReader, "isNullable">;

const AS_TEXT: Reader = { read: (text) => text, type: "text" };
const AS_JSON: Reader = { read: toJson, type: "json" };

/** Readers by the type of a schema without its wrappers. A value of any other type is JSON. */
const READERS: Readonly<Record<string, Reader>> = {
  string: AS_TEXT,
  picklist: AS_TEXT,
  literal: AS_TEXT,
  number: { read: toNumber, type: "number" },
  boolean: { read: toBoolean, type: "text" },
};

/**
 * Creates a reader for values of this schema. A list of texts is written as words, separated by spaces, `,`
 * or `;`.
 */
export function textReader(schema: v.GenericSchema): TextReader {
  const isNullable = isNullableIn(schema);
  const bare = unwrapSchema(schema);
  if ("item" in bare && isSchema(bare.item) && unwrapSchema(bare.item).type === "string")
    return { read: toWords, type: "text", isNullable };
  return { ...(READERS[bare.type] ?? AS_JSON), isNullable };
}

function isNullableIn(schema: v.GenericSchema): boolean {
  if (schema.type === "nullable" || schema.type === "nullish") return true;
  return "wrapped" in schema && isSchema(schema.wrapped) && isNullableIn(schema.wrapped);
}

function toNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Spreadsheets write TRUE and FALSE. */
function toBoolean(text: string): unknown {
  const word = text.toLowerCase();
  return word === "true" ? true : word === "false" ? false : text;
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
