// The JSON that DNS-over-HTTPS resolvers answer with (`application/dns-json`), reduced to what
// deliverability is decided by.
import * as v from "valibot";

/** Resource record types by number (RFC 1035 §3.2.2, RFC 3596 §2.1). */
export const RECORD_TYPES = { A: 1, MX: 15, AAAA: 28 } as const;

/** The record types that are asked for. */
export type RecordType = keyof typeof RECORD_TYPES;

/** Far above any real answer. */
const MAX_RECORDS = 1_000;

const DnsJson = v.pipe(
  v.object({
    Status: v.pipe(v.number(), v.integer(), v.minValue(0)),
    Answer: v.optional(
      v.pipe(v.array(v.object({ type: v.number(), data: v.string() })), v.maxLength(MAX_RECORDS)),
      [],
    ),
  }),
  v.transform(({ Status, Answer }) => ({ responseCode: Status, records: Answer })),
);

/** `responseCode` is the RCODE (RFC 1035 §4.1.1); `records` includes CNAMEs on the way. */
export type DnsAnswer = v.InferOutput<typeof DnsJson>;

/** The answer in a resolver's JSON. Throws when it is not one. */
export function parseDnsJson(json: unknown): DnsAnswer {
  return v.parse(DnsJson, json);
}
