// Schemas that are created at first use, since few isolates need them, such as those of settings.
import * as v from "valibot";
import { lazy } from "./lazy";

/** A schema that `make` creates when it first parses a value. */
export function lazySchema<const Schema extends v.GenericSchema>(
  make: () => Schema,
): v.LazySchema<Schema> {
  return v.lazy(lazy(make));
}
