// The JSON of DNS-over-HTTPS resolvers (`application/dns-json`), reduced to the fields that decide
// deliverability.
import * as v from "valibot";

/** Resource record types by number (RFC 1035 §3.2.2, RFC 3596 §2.1). */
export const RECORD_TYPES = { A: 1, MX: 15, AAAA: 28 } as const;

/** A record type that the checks ask for. */
export type RecordType = keyof typeof RECORD_TYPES;

/** Upper bound for the records of an answer, far above any real one. */
const MAX_RECORDS = 1_000;

const DnsJson = v.pipe(
  v.object({
    Status: v.pipe(v.number(), v.integer(), v.minValue(0)),
    Answer: v.optional(
      v.pipe(
        v.array(v.object({ type: v.number(), data: v.string(), TTL: v.optional(v.number(), 0) })),
        v.maxLength(MAX_RECORDS),
      ),
      [],
    ),
  }),
  v.transform(({ Status, Answer }) => ({
    responseCode: Status,
    records: Answer.map(({ type, data }) => ({ type, data })),
    ttlS: Answer.length === 0 ? 0 : Math.min(...Answer.map(({ TTL }) => TTL)),
  })),
);

/**
 * An answer: `responseCode` is the RCODE (RFC 1035 §4.1.1); `records` includes the CNAMEs that were followed;
 * `ttlS` is how many seconds all of them hold, 0 if there are none.
 */
export type DnsAnswer = v.InferOutput<typeof DnsJson>;

/**
 * Parses a resolver's JSON.
 *
 * @throws ValiError for any other JSON
 */
export function parseDnsJson(json: unknown): DnsAnswer {
  return v.parse(DnsJson, json);
}
