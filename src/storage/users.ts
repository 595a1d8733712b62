// Storage of the table `users`, and its copy in KV.
//
// Table `users`: a row a user; `seq` in order of insertion, `record` = User as JSON, `email` = the canonical
// form, unique, `search` = name and address, folded. Writer: the object `users`. Lifetime: until deleted.
// Table `pending_users`: sign-ups that are not confirmed, in the same columns; any number of one e-mail.
// Lifetime: until confirmed, at most seven days. See sign-ups.ts.
// Table `mails_counted`: key = keyed hash of an address, or of a caller, and the instants of the mails of its
// last day. Lifetime: a day from the last, also where the record is deleted.
// KV namespace USERS: key = id, value = User as JSON, metadata = its list entry; written by that object.
import * as v from "valibot";
import { emailOf } from "../domain/email/email-address";
import { adoptUser } from "../domain/records/adopt";
import { foldText, type UserFilters } from "../domain/records/queries";
import { summarizeUser, User } from "../domain/records/users";
import { anyOf, containing, type Condition } from "./page-statement";
import type { TableDefinition } from "./table-definition";
import { publishedSoFar } from "./new-records";
import { EFFECTS_OF_CHANNELS } from "./outbox-store";
import { firstSeqAt, SHARED_SCHEMA } from "./record-table";

/** Milliseconds by which the clock that sets `created_at` may be ahead of the one that sets `seq`. */
const MAX_CLOCK_SKEW_MS = 60_000;

/** Storage of users. */
export const usersTable: TableDefinition<User, UserFilters> = {
  name: "users",
  pending: "pending_users",
  migrations: [
    `${SHARED_SCHEMA}
    CREATE TABLE users (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      changed_by TEXT,
      email TEXT NOT NULL UNIQUE,
      verdict TEXT NOT NULL,
      confirmed_at INTEGER,
      created_at INTEGER NOT NULL,
      search TEXT NOT NULL,
      record TEXT NOT NULL
    );
    CREATE INDEX users_verdict ON users (verdict, seq);`,
    EFFECTS_OF_CHANNELS,
    `CREATE TABLE pending_users (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      version INTEGER NOT NULL,
      changed_by TEXT,
      email TEXT NOT NULL,
      verdict TEXT NOT NULL,
      confirmed_at INTEGER,
      created_at INTEGER NOT NULL,
      search TEXT NOT NULL,
      record TEXT NOT NULL
    );
    CREATE INDEX pending_users_email ON pending_users (email, seq);
    CREATE INDEX pending_users_verdict ON pending_users (verdict, seq);
    CREATE TABLE mails_counted (
      hash TEXT PRIMARY KEY,
      instants TEXT NOT NULL,
      last_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX mails_counted_last ON mails_counted (last_at);`,
    publishedSoFar("users"),
  ],
  columns: (user) => ({
    email: emailOf(user.email).canonical,
    verdict: user.email_check.verdict,
    confirmed_at: user.confirmed_at && Date.parse(user.confirmed_at),
    created_at: Date.parse(user.created_at),
    search: foldText(`${user.name}\n${user.email}`),
  }),
  select({ email, verdict, confirmed, createdAfter, createdBefore, text }) {
    const conditions: Condition[] = text === undefined ? [] : [containing(text)];
    const bounds: Condition[] = [];
    if (confirmed !== undefined)
      conditions.push({ sql: `confirmed_at IS ${confirmed ? "NOT " : ""}NULL`, values: [] });
    if (createdAfter !== undefined) {
      // A row is inserted after the record's creation, so reading can begin here.
      bounds.push({ sql: "seq >= ?", values: [firstSeqAt(createdAfter - MAX_CLOCK_SKEW_MS)] });
      conditions.push({ sql: "created_at > ?", values: [createdAfter] });
    }
    if (createdBefore !== undefined)
      conditions.push({ sql: "created_at < ?", values: [createdBefore] });
    const isWithPending = confirmed === false;
    const byVerdict = (verdict ?? []).map((value) => ({ sql: "verdict = ?", values: [value] }));
    if (email === undefined) return { alternatives: byVerdict, conditions, bounds, isWithPending };
    if (verdict !== undefined) conditions.push(anyOf("verdict", verdict));
    const alternatives = [{ sql: "email = ?", values: [email] }];
    return { alternatives, conditions, bounds, isWithPending };
  },
  parse: (json) => v.parse(User, JSON.parse(json)),
  tag: (value) => ({ kind: "user", value }),
  adopt: (value) => adoptUser(value),
  published: (user) => ({ shown: user, summary: summarizeUser(user) }),
};
