// Invariants after a soak: nothing acknowledged is lost, nothing is doubled, everything ends.
import * as v from "valibot";

import { readBatch, readResults } from "../batches";
import { listUsers, post, userOf } from "../users";
import type { AcknowledgedBatch, Ledger } from "./ledger";
import type { World } from "./world";

const TaskPage = v.object({
  tasks: v.array(v.object({ id: v.string(), version: v.number() })),
  next_cursor: v.nullable(v.string()),
});

/** Everything that is not as promised, in words. Empty when all is well. */
export async function brokenPromises(world: World, ledger: Ledger): Promise<string[]> {
  const { origin } = world.server;
  const [users, tasks] = await Promise.all([usersByEmail(origin), versionsOfTasks(origin)]);
  const batches = await Promise.all(ledger.batches.map((batch) => checkBatch(origin, batch)));
  return [
    ...ledger.faults,
    ...checkUsers(ledger, users),
    ...checkTasks(ledger, tasks),
    ...batches.flat(),
    ...checkMessages(world, ledger, users, tasks),
  ];
}

/**
 * Signs up again whoever got no answer, without a key: "taken" is a promise that somebody is there.
 *
 * @returns answers that are neither
 */
export async function repeatAttempts(
  world: World,
  { attempted, users }: Ledger,
): Promise<string[]> {
  const strange: string[] = [];
  for (const email of attempted) {
    if (users.has(email)) continue;
    const { status } = await post(world.server.origin, { name: "Ada", email });
    if (status !== 201 && status !== 409) strange.push(`${email}: ${String(status)}`);
  }
  return strange;
}

/** Repeats sign-ups under their keys: each must find the first one's user. */
export async function brokenKeys(world: World, { keyed }: Ledger): Promise<string[]> {
  const found = await Promise.all(
    keyed.map(async ({ key, email, name, id }) => {
      // A key belongs to whoever used it first: to the token's holder.
      const headers = { Authorization: "Bearer dev", "Idempotency-Key": key };
      const reply = await post(world.server.origin, { name, email }, headers);
      const isSame = reply.status === 201 && (await userOf(reply)).id === id;
      return isSame ? [] : [`The key of ${email} no longer finds ${id}: ${String(reply.status)}`];
    }),
  );
  return found.flat();
}

async function usersByEmail(origin: string): Promise<Map<string, string[]>> {
  const users = new Map<string, string[]>();
  for (const { email, id } of await listUsers(origin)) {
    users.set(email, [...(users.get(email) ?? []), id]);
  }
  return users;
}

async function versionsOfTasks(origin: string): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const headers = { Authorization: "Bearer dev" };
    const response: Response = await fetch(`${origin}/tasks?limit=100${query}`, { headers });
    const page = v.parse(TaskPage, await response.json());
    for (const { id, version } of page.tasks) versions.set(id, version);
    cursor = page.next_cursor;
  }
  return versions;
}

function checkUsers(ledger: Ledger, users: ReadonlyMap<string, readonly string[]>): string[] {
  const lost = [...ledger.users].flatMap(([email, ids]) => {
    if (ids.length > 1) return [`${email} was acknowledged ${String(ids.length)} times`];
    return users.get(email)?.[0] === ids[0] ? [] : [`${email} is lost`];
  });
  const doubled = [...users].flatMap(([email, ids]) =>
    ids.length > 1 ? [`${email} is there ${String(ids.length)} times`] : [],
  );
  const unsigned = [...ledger.attempted, ...ledger.batches.flatMap(({ emails }) => emails)]
    .filter((email) => !users.has(email))
    .map((email) => `${email} is not listed`);
  return [...lost, ...doubled, ...unsigned];
}

function checkTasks(ledger: Ledger, versions: ReadonlyMap<string, number>): string[] {
  return [...ledger.tasks].flatMap(([id, version]) => {
    const kept = versions.get(id) ?? 0;
    return kept >= version ? [] : [`Task ${id} has version ${kept} after ${version}`];
  });
}

async function checkBatch(
  origin: string,
  { id, total, outputOf, emails }: AcknowledgedBatch,
): Promise<string[]> {
  const batch = await readBatch(origin, id);
  if (batch.status !== "completed") return [`Batch ${id} is ${batch.status}`];
  const results = await readResults(origin, id);
  const isWhole = results.length === total && results.every(({ index }, at) => index === at);
  const wrong = results.filter(({ index, status, output }) => {
    if (outputOf !== null) return output !== outputOf(index);
    return emails.length > 0 && status !== "succeeded";
  });
  return [
    ...(isWhole ? [] : [`Batch ${id} has ${String(results.length)} of ${String(total)} results`]),
    ...wrong.map((result) => `Batch ${id}: ${JSON.stringify(result)}`),
  ];
}

/** Every change that is there was told, each under one message id. */
function checkMessages(
  { receiver, taken }: World,
  ledger: Ledger,
  users: ReadonlyMap<string, readonly string[]>,
  tasks: ReadonlyMap<string, number>,
): string[] {
  const told = new Map<string, Set<string>>();
  for (const { type, id, data } of receiver.arrivals) {
    const change = `${type} ${data.id} ${String(data.version ?? "")}`;
    told.set(change, (told.get(change) ?? new Set()).add(id));
  }
  const expected = [
    ...[...users.values()].flat().map((id) => `user.created ${id} 1`),
    ...[...tasks].flatMap(([id, version]) =>
      Array.from({ length: version }, (_, before) =>
        before === 0 ? `task.created ${id} 1` : `task.updated ${id} ${before + 1}`,
      ),
    ),
    ...ledger.batches.map(({ id }) => `batch.completed ${id} `),
  ];
  const untold = expected.filter((change) =>
    [...(told.get(change) ?? [])].every((id) => !taken.has(id)),
  );
  const doubled = [...told].filter(([, ids]) => ids.size > 1);
  return [
    ...receiver.rejected,
    ...untold.map((change) => `Nobody was told of ${change}`),
    ...doubled.map(([change, ids]) => `${change} was told as ${[...ids].join(" and ")}`),
  ];
}
