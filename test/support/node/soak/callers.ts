// The callers of a soak: each does one thing after another until its connection is cut.
import { setTimeout as delay } from "node:timers/promises";

import type { AcknowledgedBatch, Ledger } from "./ledger";
import type { Random } from "../../random";

const CALLERS = 24;
const MAX_PAUSE_MS = 20;
const CALL_TIMEOUT_MS = 30_000;

/** Shared state of the callers. */
export interface Scene {
  readonly origin: string;
  readonly upstream: string;
  readonly random: Random;
  readonly ledger: Ledger;
  /** A number that no caller has had yet. */
  readonly count: () => number;
}

type Action = (scene: Scene) => Promise<void>;

/** Keeps callers busy until the server is gone. Never rejects. */
export async function callUntilCut(scene: Scene): Promise<void> {
  const caller = async (): Promise<void> => {
    try {
      for (;;) {
        await pick(scene.random)(scene);
        await delay(scene.random.between(0, MAX_PAUSE_MS));
      }
    } catch {
      // The connection is gone, and with it the answer: nothing was promised.
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function pick(random: Random): Action {
  const dice = random.next();
  if (dice < 0.35) return signUpSomeone;
  if (dice < 0.75) return fileAndChangeTask;
  if (dice < 0.85) return transformTexts;
  if (dice < 0.93) return signManyUp;
  return callUpstream;
}

/**
 * The answer to a JSON request, or null where somebody else was first (409).
 *
 * @throws when there is no answer of the Worker
 */
async function ask(
  { origin, ledger }: Scene,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown> | null> {
  const response = await fetch(origin + path, {
    method,
    headers: { Authorization: "Bearer dev", "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  // While it goes down, the development server itself answers for the Worker.
  if (!response.headers.has("Request-Id")) throw new Error(text);
  if (response.status === 409) return null;
  if (!response.ok) ledger.faults.push(`${method} ${path}: ${text}`);
  const reply: unknown = JSON.parse(text);
  return typeof reply === "object" ? { ...reply } : null;
}

/** One address, sometimes twice at once. */
const signUpSomeone: Action = async (scene) => {
  const { ledger, random, count } = scene;
  const email = `person-${String(count())}@soak.example`;
  ledger.attempted.add(email);
  const attempt = async (name: string): Promise<void> => {
    const key = `${name}-${email}`;
    const user = await ask(scene, "POST", "/users", { name, email }, { "Idempotency-Key": key });
    if (user === null) return;
    const id = String(user["id"]);
    ledger.addUser(email, id);
    ledger.keyed.push({ key, email, name, id });
  };
  const names = random.chance(0.3) ? ["Ada", "Eve"] : ["Ada"];
  await Promise.all(names.map(attempt));
};

const fileAndChangeTask: Action = async (scene) => {
  const { ledger, random, count } = scene;
  const title = `Task ${String(count())}`;
  const task = await ask(scene, "POST", "/tasks", { title });
  if (task === null) throw new Error("Not filed");
  const id = String(task["id"]);
  ledger.tasks.set(id, Number(task["version"]));
  for (const status of ["in_progress", "done"]) {
    if (random.chance(0.3)) return;
    const changed = await ask(scene, "PATCH", `/tasks/${id}`, { status });
    if (changed !== null) ledger.tasks.set(id, Number(changed["version"]));
  }
};

const transformTexts: Action = async (scene) => {
  const { random, count } = scene;
  const name = count();
  const items = Array.from({ length: random.between(10, 3000) }, (_, n) => `${name}-item-${n}`);
  const batch = await ask(scene, "POST", "/batch-process", { operation: "uppercase", items });
  keepBatch(scene, batch, items.length, { outputOf: (index) => items[index]?.toUpperCase() });
};

const signManyUp: Action = async (scene) => {
  const name = scene.count();
  const emails = Array.from({ length: 15 }, (_, n) => `batch-${name}-${n}@soak.example`);
  const items = emails.map((email) => ({ name: "Ada", email }));
  const batch = await ask(scene, "POST", "/batch-process", { operation: "users", items });
  keepBatch(scene, batch, items.length, { emails });
};

const callUpstream: Action = async (scene) => {
  const name = scene.count();
  const items = Array.from({ length: 10 }, (_, n) => `${scene.upstream}?n=${name}-${n}`);
  const options = { max_attempts: 4 };
  const batch = await ask(scene, "POST", "/batch-process", {
    operation: "external-api",
    items,
    options,
  });
  keepBatch(scene, batch, items.length, {});
};

function keepBatch(
  { ledger }: Scene,
  batch: Record<string, unknown> | null,
  total: number,
  { outputOf = null, emails = [] }: Partial<AcknowledgedBatch>,
): void {
  if (batch !== null) ledger.batches.push({ id: String(batch["id"]), total, outputOf, emails });
}
