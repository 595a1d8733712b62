// Asks DNS if a domain receives mail. No mailbox is probed, since that fails for good addresses, and a
// failing resolver must never refuse a sign-up.
import { RECORD_TYPES, type DnsAnswer, type RecordType } from "./dns-answer";
import type { TimeLimit } from "../../lib/deadline";
import { untilAborted } from "../../lib/until-aborted";

const NO_ERROR = 0;
const NXDOMAIN = 3;

/**
 * Resolves one type of record: at once if the answer is known. A promise may reject or never settle: both count as
 * `unknown`.
 */
export type Resolve = (
  name: string,
  type: RecordType,
  limit: TimeLimit,
) => DnsAnswer | Promise<DnsAnswer>;

/** Answer about a domain. `unknown` means that the lookup failed, and says nothing of the domain. */
export type Deliverability =
  | {
      readonly verdict: "deliverable";
      readonly reason: "mail-server-found" | "address-record-only";
    }
  | {
      readonly verdict: "undeliverable";
      readonly reason: "null-mx" | "domain-not-found" | "no-mail-server";
    }
  | { readonly verdict: "unknown"; readonly reason: "dns-failed" | "dns-timeout" };

/**
 * Looks up if a domain receives mail. Never rejects, and returns at once when the limit is over. Sends one
 * query (MX) for most domains; a domain without MX costs two more, sent together.
 */
export async function checkDeliverability(
  domain: string,
  resolve: Resolve,
  limit: TimeLimit,
): Promise<Deliverability> {
  const ask = async (type: RecordType) => {
    limit.throwIfOver();
    const answer = resolve(domain, type, limit);
    // Only what is waited for needs the limit's signal and timer.
    if (!(answer instanceof Promise)) return readRecords(answer, type);
    return readRecords(await untilAborted(answer, limit.signal), type);
  };
  try {
    const mx = await ask("MX");
    if (mx === "no-such-domain") return { verdict: "undeliverable", reason: "domain-not-found" };
    const exchanges = mx.map(readExchange);
    if (exchanges.length === 0) return await checkAddressRecords(ask);
    // RFC 7505: a single exchange "." declares that the domain accepts no mail.
    if (exchanges.every((exchange) => exchange === "."))
      return { verdict: "undeliverable", reason: "null-mx" };
    return exchanges.some(canBeServer)
      ? { verdict: "deliverable", reason: "mail-server-found" }
      : { verdict: "undeliverable", reason: "no-mail-server" };
  } catch {
    return { verdict: "unknown", reason: limit.signal.aborted ? "dns-timeout" : "dns-failed" };
  }
}

type Records = readonly string[] | "no-such-domain";

/**
 * Looks for A and AAAA records: without MX the host itself is the mail server (RFC 5321 §5.1). One of the two
 * is enough.
 */
async function checkAddressRecords(
  ask: (type: RecordType) => Promise<Records>,
): Promise<Deliverability> {
  const answers = await Promise.allSettled([ask("A"), ask("AAAA")]);
  const found = answers.some(
    (answer) =>
      answer.status === "fulfilled" &&
      answer.value !== "no-such-domain" &&
      answer.value.some((address) => !OWN_ADDRESS.test(address)),
  );
  if (found) return { verdict: "deliverable", reason: "address-record-only" };
  if (answers.some(({ status }) => status === "rejected")) {
    throw new Error("Cannot tell: an address lookup failed");
  }
  return { verdict: "undeliverable", reason: "no-mail-server" };
}

function readRecords(answer: DnsAnswer, type: RecordType): Records {
  if (answer.responseCode === NXDOMAIN) return "no-such-domain";
  if (answer.responseCode !== NO_ERROR) throw new Error(`DNS answered code ${answer.responseCode}`);
  return answer.records
    .filter((record) => record.type === RECORD_TYPES[type])
    .map((record) => record.data);
}

/** The exchange of an MX record such as `10 mx.example.com.` (RFC 1035 §5.1). */
function readExchange(data: string): string {
  const exchange = /^\d+\s+(\S+)$/.exec(data)?.[1];
  if (exchange === undefined) throw new Error("Cannot read an MX record");
  return exchange;
}

/** Names that are reserved, or for networks of their own: no mail from elsewhere arrives there. */
const RESERVED_NAME =
  /(?:^|\.)(?:localhost|localdomain|local|invalid|internal|onion|alt|home\.arpa)$/;
/** An address in place of a name, which RFC 5321 §5.1 does not allow: `192.0.2.1`, `[192.0.2.1]`, `::1`. */
const ADDRESS = /[[:]|(?:^|\.)\d+$/;
/** Addresses of whichever machine asks: loopback and "this host" (RFC 6890). */
const OWN_ADDRESS = /^(?:127\.|0\.|::1?$)/;

/** True if mail can be sent to the exchange of an MX record. */
function canBeServer(exchange: string): boolean {
  const name = exchange.toLowerCase().replace(/\.$/, "");
  return name !== "" && !RESERVED_NAME.test(name) && !ADDRESS.test(name);
}
