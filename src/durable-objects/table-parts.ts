// Assembles a table by its name: its rows, its copy in KV, and the functions that carry out effects. Each
// kind of table is one entry here.
import { v7 } from "uuid";
import { recheckEmail } from "../domain/email/check-sign-up-email";
import { emailOf } from "../domain/email/email-address";
import type { AnnounceDeps } from "../domain/records/announce";
import type { Carriers } from "../domain/records/outbox";
import type { Effect } from "../domain/records/record";
import { ToldChannels } from "../storage/told-channels";
import { readConfig } from "../env";
import type { AssetsEnv } from "../runtime/assets";
import { createEmailChecker } from "../runtime/email-checker";
import type { CopiesEnv } from "../runtime/published-copy";
import { eraseFrom, tell, type ChannelsEnv } from "../runtime/channels";
import { batchJob, type JobsEnv } from "../runtime/jobs";
import { tasksIn, type TablesEnv } from "../runtime/tables";
import { yieldToOthers } from "../runtime/yield-to-others";
import { BatchRows, batchesTable } from "../storage/batches";
import { Callers, CALLERS_MIGRATIONS } from "../storage/callers";
import { Facts } from "../storage/facts";
import { IdempotencyKeys } from "../storage/idempotency-keys";
import { KvCopy } from "../storage/kv-copy";
import { migrate } from "../storage/migrate";
import { SqlOutbox } from "../storage/outbox-store";
import { SignUps } from "../storage/sign-ups";
import { TaskQueries } from "../storage/task-queries";
import { tasksTable } from "../storage/tasks";
import type { TableDefinition } from "../storage/table-definition";
import { UPSTREAM_MIGRATIONS, UpstreamCounter } from "../storage/upstream-counter";
import { usersTable } from "../storage/users";
import { nextLook, RegisterWatch } from "./register-watch";
import { UpstreamKeeper } from "./upstream-keeper";
import { Filler } from "./filler";
import { RecordKeeper, type Keeper } from "./record-keeper";
import { SignUpKeeper } from "./sign-up-keeper";
import { nextDuty, runTaskDuties, unassign, type DutyDeps } from "./task-duties";

const HOUR_MS = 60 * 60_000;
/** Rechecks of an e-mail address before it is left `unknown`: with their backoff, about ten hours. */
const MAX_RECHECKS = 8;

/** The parts of one table. */
export interface TableParts {
  readonly keys: IdempotencyKeys;
  readonly outbox: SqlOutbox;
  readonly carriers: Carriers;
  readonly filler: Filler;
  /** Null for a table that stores no records. */
  readonly keeper: Keeper | null;
  /** Null but for the register of batches. */
  readonly register: BatchRows | null;
  /** Null but for the table of users. */
  readonly signUps: SignUpKeeper | null;
  /** Null but where callers' budgets are kept. */
  readonly callers: Callers | null;
  /** Null but where an upstream's calls are counted. */
  readonly upstream: UpstreamKeeper | null;
  /** Does what is due by the time alone. */
  runDuties(this: void): Promise<void> | void;
  /** Removes a deleted user from tasks. Returns false if some are left. */
  unassign(this: void, userId: string): boolean;
  /** The instant when the first Idempotency-Keys or batches expire, rounded up; Infinity if there are none. */
  nextExpiry(this: void): number;
  /** The instant of the next work, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextDueAt(this: void, now: number): number;
}

/**
 * Assembles the table of this object.
 *
 * @throws TypeError if the object's name is not a table's
 */
export function createTableParts(ctx: DurableObjectState, env: TableEnv): TableParts {
  const { name } = ctx.id;
  if (name === "users") return createRecordParts(usersTable, env.USERS, ctx, env);
  if (name === "tasks") return createRecordParts(tasksTable, env.TASKS, ctx, env);
  if (name === "batches") return createRegisterParts(ctx, env);
  if (name === "callers") return createCallerParts(ctx);
  if (name?.startsWith(UPSTREAM_PREFIX) === true)
    return createUpstreamParts(name.slice(UPSTREAM_PREFIX.length), ctx, env);
  throw new TypeError("There is no such table");
}

/** Rounded up to the hour, so that what expires within one hour costs a single alarm. */
function toHour(epochMs: number): number {
  return Math.ceil(epochMs / HOUR_MS) * HOUR_MS;
}

type Rows = Pick<TableDefinition<never, never>, "migrations"> & { readonly name: string | null };

/** @param rows the `name` of those that are published; null for none */
function createShared(storage: DurableObjectStorage, { migrations, name }: Rows) {
  migrate(storage, migrations);
  const facts = new Facts(storage.sql);
  const keys = new IdempotencyKeys(storage.sql);
  const outbox = new SqlOutbox(storage.sql, facts, name);
  const nextExpiry = () => toHour(keys.nextExpiry());
  return { facts, keys, outbox, nextExpiry };
}

function createRecordParts<Value extends { id: string; version: number }, Filters>(
  definition: TableDefinition<Value, Filters>,
  namespace: KVNamespace,
  ctx: DurableObjectState,
  env: EffectEnv,
): TableParts {
  const { storage } = ctx;
  const { facts, keys, outbox, nextExpiry } = createShared(storage, definition);
  const announcing = (): AnnounceDeps => ({
    channels: readConfig(env).config.channels,
    newId: v7,
    now: Date.now(),
  });
  const queries = definition.name === "tasks" ? new TaskQueries(storage.sql) : null;
  const keeper = new RecordKeeper({
    storage,
    definition,
    outbox,
    keys,
    told: definition.name === "users" ? new ToldChannels(facts) : null,
    announcing,
    isGone: (userId) => queries?.isGone(userId) ?? false,
  });
  const signUps =
    definition.name === "users"
      ? new SignUpKeeper({
          storage,
          signUps: new SignUps(storage.sql, facts),
          keeper,
          outbox,
          keys,
          announcing,
          mailing: () => readConfig(env).config,
        })
      : null;
  const copy = new KvCopy(namespace, definition);
  const duties: DutyDeps | null = queries && {
    keeper,
    queries,
    announcing,
    retentionDays: readConfig(env).config.limits.taskRetentionDays,
  };
  const filler = new Filler({
    facts,
    readPage: (cursor) => copy.page(cursor),
    keep: (values) => keeper.fill(values),
  });
  const nextDutyAt = () => (duties === null ? Infinity : nextDuty(duties));
  return {
    keys,
    outbox,
    keeper,
    signUps,
    register: null,
    callers: null,
    upstream: null,
    filler,
    carriers: {
      perform: (effect, attempts) => perform(effect, attempts, { keeper, signUps }, env),
      publish: (publication) => copy.publish(publication),
      log: logFailure,
      yieldToOthers,
    },
    runDuties: () => {
      if (duties !== null) runTaskDuties(duties);
      signUps?.expire();
    },
    unassign: (userId) => duties === null || unassign(userId, duties),
    nextExpiry,
    nextDueAt: (now) =>
      Math.min(
        outbox.nextDueAt(now),
        nextExpiry(),
        nextDutyAt(),
        signUps?.nextExpiry() ?? Infinity,
        filler.nextDueAt(now),
      ),
  };
}

const nothing = () => Promise.resolve();
const IDLE = { perform: nothing, publish: nothing, log: logFailure, yieldToOthers };

/** A table without records: there is nothing to fill or to carry out. */
function createPlainParts(ctx: DurableObjectState, migrations: readonly string[]) {
  const { facts, keys, outbox, nextExpiry } = createShared(ctx.storage, { migrations, name: null });
  if (facts.read("fill") === undefined) facts.write("fill", { done: true });
  return {
    facts,
    keys,
    outbox,
    keeper: null,
    register: null,
    signUps: null,
    callers: null,
    upstream: null,
    filler: new Filler({
      facts,
      readPage: () => Promise.resolve({ values: [], cursor: null }),
      keep: () => undefined,
    }),
    carriers: IDLE,
    runDuties: () => undefined,
    unassign: () => true,
    nextExpiry,
    nextDueAt: nextExpiry,
  } satisfies TableParts & { readonly facts: Facts };
}

function createRegisterParts(ctx: DurableObjectState, env: JobsEnv): TableParts {
  const parts = createPlainParts(ctx, batchesTable.migrations);
  const register = new BatchRows(ctx.storage.sql);
  const watch = new RegisterWatch({
    rows: register,
    lookAt: async (id) => (await batchJob(env, id).summary()) !== null,
    log: logFailure,
  });
  // At no other time of the day: an alarm that rings while the rows are spent is lost.
  const nextDueAt = (now: number) => {
    if (watch.isUnfinished) return now;
    const at = Math.min(parts.keys.nextExpiry(), register.nextRestless());
    return at === Infinity ? at : nextLook(Math.max(at, now));
  };
  return {
    ...parts,
    register,
    runDuties: () => watch.run(Date.now()),
    // Whatever is written is looked at then, at the latest.
    nextExpiry: () => nextLook(Date.now()),
    nextDueAt,
  };
}

function createCallerParts(ctx: DurableObjectState): TableParts {
  const parts = createPlainParts(ctx, CALLERS_MIGRATIONS);
  const callers = new Callers(ctx.storage, parts.facts);
  return {
    ...parts,
    callers,
    runDuties: () => callers.sweep(Date.now()),
    nextDueAt: () => callers.endsAt(),
  };
}

/** Bindings that effects are carried out by. */
type EffectEnv = AssetsEnv & ChannelsEnv & TablesEnv;
/** Bindings of a table: those of its effects, and the namespaces of the copies. */
type TableEnv = EffectEnv & CopiesEnv & JobsEnv;

/** Before the name of an upstream whose calls an object counts. */
const UPSTREAM_PREFIX = "upstream:";

function createUpstreamParts(name: string, ctx: DurableObjectState, env: object): TableParts {
  const parts = createPlainParts(ctx, UPSTREAM_MIGRATIONS);
  const counter = new UpstreamCounter(ctx.storage, parts.facts);
  return {
    ...parts,
    upstream: new UpstreamKeeper(name, env, counter),
    runDuties: () => counter.sweep(Date.now()),
    nextDueAt: () => counter.endsAt(),
  };
}

async function perform(
  effect: Effect,
  attempts: number,
  { keeper, signUps }: { readonly keeper: Keeper; readonly signUps: SignUpKeeper | null },
  env: EffectEnv,
): Promise<void> {
  switch (effect.kind) {
    case "notify":
      return tell(env, effect.event, effect.channels);
    case "erase":
      return eraseFrom(env, effect.recordId, effect.channels);
    case "unassign":
      while (!(await tasksIn(env).unassign(effect.recordId)));
      return undefined;
    case "ask-to-confirm":
      return signUps?.ask(effect);
    case "recheck-email":
      return attempts < MAX_RECHECKS ? recheck(effect.recordId, keeper, env) : undefined;
  }
}

/** Repeats the check of an address that had no result, and stores the new one. */
async function recheck(id: string, keeper: Keeper, env: AssetsEnv): Promise<void> {
  const found = keeper.find(id);
  if (found?.kind !== "user" || found.value.email_check.verdict !== "unknown") return;
  const { email } = found.value;
  const email_check = await recheckEmail(createEmailChecker(env), emailOf(email));
  const current = keeper.find(id);
  // If the address changed during the check, that change brought its own check.
  if (current?.kind !== "user" || current.value.email !== email) return;
  const change = { kind: "user" as const, change: { patch: {}, email_check } };
  keeper.update(id, change, { versions: null, requestId: `recheck:${id}` });
}

function logFailure(what: string, error: unknown): void {
  console.error(JSON.stringify({ level: "error", effect: what, error: String(error) }));
}
