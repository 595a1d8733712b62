// Schemas that few isolates need, such as those of settings, made when something is first parsed by them.
import * as v from "valibot";
import { lazy } from "./lazy";

/** A schema that is made when it first parses. */
export function lazySchema<const Schema extends v.GenericSchema>(
  make: () => Schema,
): v.LazySchema<Schema> {
  return v.lazy(lazy(make));
}
