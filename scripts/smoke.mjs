// `npm run smoke -- URL`: asks a deployment for each of its jobs once, after it was deployed, and removes
// what that made. The token comes from SERENTAK_TOKEN, and `--call URL` is what /external-api asks. Ends with
// 1 where something does not work. Channels that listen are told of the user and the task.
import { createClient } from "../dist/package/client.js";
import process from "node:process";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { call: { type: "string", default: "https://example.com/" } },
});
const [url] = positionals;
const token = process.env.SERENTAK_TOKEN;
if (url === undefined || !token) {
  console.error("Usage: SERENTAK_TOKEN=… npm run smoke -- https://serentak.example.workers.dev");
  process.exit(2);
}

const TIMEOUT_MS = 30_000;
const options = { timeoutMs: TIMEOUT_MS };
const base = url.replace(/\/+$/, "");
const client = createClient({ baseUrl: base, token, ...options });
/** Of this run, so that two may go on at once. */
const mark = crypto.randomUUID();

/** What to undo, in the order in which it was made. */
const made = [];
const steps = {
  "every part is well": async () => {
    const headers = { Authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${base}/health?deep=true`, { headers, signal });
    const health = await response.json();
    expect(response.ok && health.status === "ok", JSON.stringify(health));
  },
  "data are processed": async () => {
    const { processed_items } = await client.processData([" a "], ["trim", "uppercase"]);
    expect(processed_items?.[0] === "A", JSON.stringify(processed_items));
  },
  "other APIs are asked": async () => {
    // A host that is not allowed is an answer, too: ALLOWED_HOSTS is closed at first.
    const { results } = await client.externalApi([values.call]);
    const [{ status, error }] = results;
    expect(status === "fulfilled" || error.code === "host-not-allowed", JSON.stringify(results));
  },
  "somebody signs up": async () => {
    const email = `smoke-${mark}@gmail.com`;
    const user = await client.users.create({ name: "Smoke test", email });
    made.push(() => client.users.remove(user.id));
    expect((await client.users.get(user.id)).email === email, "another user came back");
  },
  "a task is filed": async () => {
    const task = await client.tasks.create({ title: `Smoke test ${mark}` });
    made.push(() => client.tasks.remove(task.id));
    const changed = await client.tasks.update(task.id, { status: "cancelled" });
    expect(changed.status === "cancelled", JSON.stringify(changed));
  },
  "a batch ends": async () => {
    const batch = await client.batch({ operation: "uppercase", items: ["a", "b"] });
    made.push(() => batch.remove());
    const { status, succeeded } = await batch.wait({ signal: AbortSignal.timeout(TIMEOUT_MS) });
    expect(status === "completed" && succeeded === 2, `${status}, ${succeeded} of 2`);
  },
  "what this made is removed": async () => {
    const removals = await Promise.allSettled(made.map((remove) => remove()));
    const failures = removals.filter(({ status }) => status === "rejected");
    expect(failures.length === 0, failures.map(({ reason }) => String(reason)).join("; "));
  },
};

function expect(holds, found) {
  if (!holds) throw new Error(found);
}

for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`✓ ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
