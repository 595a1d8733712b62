// A resolver without a network, for the tests of this folder.
import type { Resolve } from "../../../src/domain/email/deliverability";
import {
  RECORD_TYPES,
  type DnsAnswer,
  type RecordType,
} from "../../../src/domain/email/dns-answer";

/** Answer to a query for one type of record: data, a response code, an error, or no answer at all. */
export type Reply = readonly string[] | number | Error | "never";

/** Answers by type; a type that is not named has no records. `asked` lists the queries. */
export function fakeDns(replies: Partial<Record<RecordType, Reply>>) {
  const asked: string[] = [];
  const resolve: Resolve = async (name, type) => {
    asked.push(`${type} ${name}`);
    return answer(type, replies[type] ?? []);
  };
  return { asked, resolve };
}

async function answer(type: RecordType, reply: Reply): Promise<DnsAnswer> {
  if (reply === "never") return Promise.withResolvers<DnsAnswer>().promise;
  if (reply instanceof Error) throw reply;
  if (typeof reply === "number") return { responseCode: reply, records: [], ttlS: 0 };
  const records = reply.map((data) => ({ type: RECORD_TYPES[type], data }));
  return { responseCode: 0, records, ttlS: 60 };
}
