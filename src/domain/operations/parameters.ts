// Schemas of parameters that several operations share.
import * as v from "valibot";
import { MAX_ITEMS, MAX_PARAMETER_CHARS } from "./limits";

/** Longest language tag (RFC 5646 recommends room for 35 characters). */
const MAX_LOCALE_CHARS = 35;

/** Case and order of texts where the caller names no locale: the same on every machine. */
const DEFAULT_LOCALE = "en";

/** A BCP 47 language tag, in canonical form. */
const Locale = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_LOCALE_CHARS),
  v.description("BCP 47 language tag, e.g. `tr`."),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return Intl.getCanonicalLocales(dataset.value)[0] ?? DEFAULT_LOCALE;
    } catch {
      addIssue({ message: "Not a BCP 47 language tag" });
      return NEVER;
    }
  }),
);

/** The optional `locale`, with its default. */
export const OptionalLocale = v.optional(Locale, DEFAULT_LOCALE);

/** A short text. */
export const Text = v.pipe(v.string(), v.maxLength(MAX_PARAMETER_CHARS));

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}

/** A number of items. */
export const ItemCount = wholeNumber(0, MAX_ITEMS);
