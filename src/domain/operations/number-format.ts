// Operations that write numbers as people of a language do, by the platform's Intl.
import * as v from "valibot";
import { wrongType } from "./errors";
import { itemOperation, type OperationDefinition } from "./operation";
import { OptionalLocale, wholeNumber } from "./parameters";

/** Decimal digits, at most: more than a double holds, and what `Intl` allows everywhere. */
const MAX_DIGITS = 20;

const Currency = v.pipe(
  v.string(),
  v.minLength(3),
  v.maxLength(3),
  v.regex(/^[A-Za-z]+$/, "Three letters, such as EUR"),
  v.description("ISO 4217 code, e.g. `EUR`; implies the style `currency`."),
);

interface Parameters {
  readonly style?: "decimal" | "currency" | "percent" | undefined;
  readonly currency?: string | undefined;
  readonly minimum_digits?: number | undefined;
  readonly maximum_digits?: number | undefined;
}

function faultOf({ style, currency, minimum_digits = 0, maximum_digits = MAX_DIGITS }: Parameters) {
  if (style === "currency" && currency === undefined)
    return { parameter: "currency", message: "The style currency needs one, such as EUR" };
  if (style !== undefined && style !== "currency" && currency !== undefined)
    return { parameter: "currency", message: `The style ${style} has none` };
  if (minimum_digits > maximum_digits)
    return { parameter: "minimum_digits", message: "More than maximum_digits" };
  return undefined;
}

/** All operations that write numbers. */
export const numberOperations: readonly OperationDefinition[] = [
  itemOperation({
    name: "number_format",
    summary: "A number as people write it: with separators, as a percentage or an amount of money",
    price: { per_item: 500, per_character: 5 },
    parameters: {
      locale: OptionalLocale,
      style: v.optional(v.picklist(["decimal", "currency", "percent"])),
      currency: v.optional(Currency),
      minimum_digits: v.optional(wholeNumber(0, MAX_DIGITS)),
      maximum_digits: v.optional(wholeNumber(0, MAX_DIGITS)),
    },
    example: {
      parameters: { locale: "de-DE", currency: "EUR" },
      input: [1234.5, -0.5],
      output: ["1.234,50\u00a0€", "-0,50\u00a0€"],
    },
    check: faultOf,
    make: ({ locale, currency, style, minimum_digits, maximum_digits }) => {
      const format = new Intl.NumberFormat(locale, {
        style: style ?? (currency === undefined ? "decimal" : "currency"),
        currency,
        minimumFractionDigits: minimum_digits,
        maximumFractionDigits: maximum_digits,
        // What is rounded to nothing is 0, not -0.
        signDisplay: "negative",
      });
      return (item) => {
        if (typeof item !== "number") throw wrongType("number", item);
        return format.format(item);
      };
    },
  }),
];
