// An array schema that does not walk its items, since none of them is checked.
import * as v from "valibot";
import { JsonList } from "./json-list";
import type { JsonText } from "./json-text";
import { withParser } from "./with-parser";

/**
 * An array schema that takes any items, as they are. It also takes a `JsonList`, whose items have no places
 * but an order.
 */
export function anyArray(): v.ArraySchema<v.UnknownSchema, undefined> {
  return withParser(v.array(v.unknown()), (input, own) =>
    // Falls back to the array schema for its error message.
    isList(input) ? { typed: true, value: input } : own(input),
  );
}

/** A list whose items are read in order. */
export interface AnyList extends Iterable<unknown> {
  readonly length: number;
  /** The JSON of the item that was read last, if it is at hand. */
  readonly json?: string | JsonText;
  /** The items where only objects matter, or what has more characters: null may stand for any other. */
  readonly objects?: (characters: number) => Iterable<unknown>;
}

// Every schema around this one reads the length alone, which both have.
function isList(input: unknown): input is unknown[] {
  return Array.isArray(input) || input instanceof JsonList;
}
