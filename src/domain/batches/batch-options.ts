// Options of a batch, as its caller gives them.
import * as v from "valibot";
import { parseInstant } from "../../lib/instant";
import { maxCharacters } from "../../lib/max-characters";
import { RATE } from "../../lib/rate";
import { strictObject } from "../../lib/strict-object";
import { DEFAULT_TIMEOUT_S } from "../jobs/job-record";
import { CONNECTIONS_PER_INVOCATION, MAX_ITEMS } from "../platform";

/** Attempts at an item that a batch may ask for, at most. */
const MAX_ATTEMPTS = 10;
/** Attempts at an item if the batch does not set `max_attempts`. */
export const DEFAULT_MAX_ATTEMPTS = 3;

const whole = (min: number, max: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max), v.description(description));

const MAX_RATE_CHARACTERS = 12;
/** Items in flight that a batch may ask for, at most: eight lanes with six connections each. */
const MAX_CONCURRENCY = 48;

/** The beginning of 2100. An alarm can be set up to 2189. */
const LATEST_START = 4_102_444_800_000;

/** An RFC 3339 instant. */
const StartAt = v.pipe(
  v.string(),
  maxCharacters(40),
  v.check((text) => parseInstant(text) !== null, "Not an RFC 3339 instant"),
  v.check((text) => (parseInstant(text) ?? 0) < LATEST_START, "Later than 2100"),
  v.metadata({ jsonSchema: { type: "string", format: "date-time", maxLength: 40 } }),
);

/** Options of a batch. */
export const BatchOptions = strictObject({
  concurrency: v.optional(
    whole(
      1,
      MAX_CONCURRENCY,
      "Items in flight at every moment while any are left. Operations that only compute run in chunks.",
    ),
    CONNECTIONS_PER_INVOCATION,
  ),
  rate: v.exactOptional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_RATE_CHARACTERS),
      v.regex(RATE, "Not a rate such as 10/s, 60/min, 100/h, 1000/day"),
      v.description("Starts of calls, evenly spaced: 10/s, 60/min, 100/h, 1000/day."),
    ),
  ),
  max_attempts: v.exactOptional(
    whole(
      1,
      MAX_ATTEMPTS,
      `For items that fail for a reason that may pass: ${DEFAULT_MAX_ATTEMPTS} where it is not given, but 1 for calls with POST or PATCH, which may have had their effect. A call's own \`retries\` wins. Flow control uses up none.`,
    ),
  ),
  stop_after_failures: v.exactOptional(
    whole(1, MAX_ITEMS, "The batch is cancelled once so many items have failed."),
  ),
  timeout_s: v.exactOptional(
    whole(
      1,
      DEFAULT_TIMEOUT_S,
      `Seconds from its start, pauses not counted, after which the batch is cancelled: ${DEFAULT_TIMEOUT_S} if not given; without a token 3600 at most, and if not given.`,
    ),
  ),
  start_at: v.exactOptional(
    v.pipe(
      v.nullable(StartAt),
      v.description("Nothing is run before; until then the batch is `scheduled`."),
    ),
  ),
});
export type BatchOptions = v.InferOutput<typeof BatchOptions>;

/** Seconds that a batch without a token may take. */
const MAX_ANONYMOUS_TIMEOUT_S = 3600;

/** The options of a batch, within what its caller may ask for. */
export function boundedOptions(options: BatchOptions, hasToken: boolean): BatchOptions {
  const { timeout_s = Infinity } = options;
  return hasToken
    ? options
    : { ...options, timeout_s: Math.min(timeout_s, MAX_ANONYMOUS_TIMEOUT_S) };
}

/** The instant before which nothing is run; null for none. */
export function startOf({ start_at }: BatchOptions): number | null {
  return parseInstant(start_at ?? "");
}
