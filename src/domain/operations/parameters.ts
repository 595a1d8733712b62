// Schemas of parameters that several operations share.
import * as v from "valibot";
import { withParser } from "../../lib/with-parser";
import { maxCharacters } from "../../lib/max-characters";
import { MAX_ITEMS, MAX_PARAMETER_CHARS } from "./limits";
import { isObject } from "../../lib/is-object";

/** Characters of the longest language tag (RFC 5646 recommends room for 35). */
const MAX_LOCALE_CHARS = 35;

/** Locale for case and order if the caller names none, fixed so that results are the same on every machine. */
export const DEFAULT_LOCALE = "en";

/** A BCP 47 language tag, in canonical form. */
const Locale = v.pipe(
  v.string(),
  v.minLength(1),
  maxCharacters(MAX_LOCALE_CHARS),
  v.description("BCP 47 language tag, e.g. `tr`."),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    // Most requests name none, and to read a tag takes as long as to run a short one.
    if (dataset.value === DEFAULT_LOCALE) return DEFAULT_LOCALE;
    try {
      return Intl.getCanonicalLocales(dataset.value)[0] ?? DEFAULT_LOCALE;
    } catch {
      addIssue({ message: "Not a BCP 47 language tag" });
      return NEVER;
    }
  }),
);

/** The optional parameter `locale`. */
export const OptionalLocale = v.optional(Locale, DEFAULT_LOCALE);

/** A text parameter. */
export const Text = v.pipe(v.string(), maxCharacters(MAX_PARAMETER_CHARS));

/** A parameter that is a whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}

/** A parameter that counts items. */
export const ItemCount = wholeNumber(0, MAX_ITEMS);

/**
 * Any object, with all its members. valibot's own schema takes lists too, and drops keys such as `constructor`,
 * which are data here.
 */
export const AnyObject = withParser(v.looseObject({}, "Expected an object"), (input, own) => {
  const result = own(isObject(input) ? input : null);
  if (result.typed) result.value = Object.fromEntries(Object.entries(Object(input)));
  return result;
});
