// Measures if the time of a sign-up tells who is registered: a rank test over a thousand sign-ups of known and
// unknown addresses, in random order.
//
//   npm start -- --var SIGN_UP:confirmed --var DNS_RESOLVER_URL:http://127.0.0.1:9/dns-query
//   node scripts/sign-up-times.mjs [--url http://127.0.0.1:8787] [--token dev] [--count 1000]
//
// Fails if replies differ, or if the ranks differ more than once in a thousand runs by chance.
import { parseArgs } from "node:util";
import process from "node:process";

/** Of the normal distribution: two-sided, one in a thousand. */
const MOST_Z = 3.29;
const WARM_UP = 200;
const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8787" },
    token: { type: "string", default: "dev" },
    count: { type: "string", default: "1000" },
  },
});
const half = Math.floor(Number(values.count) / 2);
const run = Date.now().toString(36);
const known = Array.from({ length: half }, (_, n) => `known-${run}-${n}@example.com`);
await register(known);

const order = [
  ...known.map((email) => ({ email, isKnown: true, place: Math.random() })),
  ...known.map((_, n) => ({
    email: `fresh-${run}-${n}@example.com`,
    isKnown: false,
    place: Math.random(),
  })),
].toSorted((one, other) => one.place - other.place);

for (let n = 0; n < WARM_UP; n += 1) await signUp(`warm-${run}-${n}@example.com`);
const replies = new Set();
const samples = [];
for (const { email, isKnown } of order) {
  const { ms, reply } = await signUp(email);
  replies.add(reply);
  samples.push({ ms, isKnown });
}
report();

/** Makes confirmed users by importing them. */
async function register(emails) {
  const now = new Date().toISOString();
  const lines = emails.map((email) =>
    JSON.stringify({
      id: `0193${crypto.randomUUID().slice(4, 14)}7${crypto.randomUUID().slice(15)}`,
      name: "Ada",
      email,
      age: null,
      metadata: {},
      email_check: { verdict: "deliverable", reason: "mail-server-found" },
      confirmed_at: now,
      created_at: now,
      updated_at: now,
      version: 1,
    }),
  );
  const response = await fetch(`${values.url}/batch-process?operation=users&import=true`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${values.token}`,
      "Content-Type": "application/x-ndjson",
      Prefer: "wait=25",
    },
    body: lines.join("\n"),
  });
  const batch = await response.json();
  if (batch.succeeded !== emails.length) throw new Error(JSON.stringify(batch).slice(0, 500));
}

async function signUp(email) {
  const begunAt = performance.now();
  const response = await fetch(`${values.url}/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Ada", email }),
  });
  const body = await response.text();
  const ms = performance.now() - begunAt;
  const headers = [...response.headers].filter(
    ([name]) => !["date", "request-id", "server-timing"].includes(name),
  );
  return { ms, reply: JSON.stringify([response.status, headers, body]) };
}

/** Mann and Whitney's U, as a number of standard deviations from what chance gives. */
function rankDifference() {
  const sorted = samples.toSorted((one, other) => one.ms - other.ms);
  const ranks = sorted.reduce((sum, { isKnown }, rank) => sum + (isKnown ? rank + 1 : 0), 0);
  const count = samples.length;
  const expected = (half * (count + 1)) / 2;
  return (ranks - expected) / Math.sqrt((half * half * (count + 1)) / 12);
}

function report() {
  const median = (isKnown) => {
    const sorted = samples.filter((one) => one.isKnown === isKnown).map(({ ms }) => ms);
    return sorted.toSorted((one, other) => one - other)[Math.floor(sorted.length / 2)].toFixed(2);
  };
  const z = rankDifference();
  console.log(`${samples.length} sign-ups, ${replies.size} kind of reply`);
  console.log(`median: ${median(true)} ms known, ${median(false)} ms unknown; z = ${z.toFixed(2)}`);
  if (replies.size === 1 && Math.abs(z) < MOST_Z) return;
  console.error("They can be told apart.");
  process.exitCode = 1;
}
