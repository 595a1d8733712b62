// `node scripts/dump-tables.mjs <file>`: runs `npm start` on fresh data, has it keep something of everything,
// cuts the power and writes what the tables hold by then, as SQL. Once a release, for a test that opens it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";

const PORT = 8793;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const TOKEN = { Authorization: "Bearer dev" };
const OBJECTS = "v3/do/serentak-Table";
const [, , file = "test/fixtures/tables-v1.sql"] = process.argv;

process.chdir(join(import.meta.dirname, ".."));
const data = mkdtempSync(join(tmpdir(), "serentak-dump-"));
const world = createServer(answer).listen(0, "127.0.0.1");
await once(world, "listening");
const group = start();
const { pid } = group;
let isRunning = true;
// However this process ends.
process.once("exit", cutPower);
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => process.exit(1));
await untilReady();
await keepSomethingOfEverything();
cutPower();
await once(group, "exit");
const dumped = dump();
if (!/INTO publications .*\n/.test(dumped)) throw new Error("Nothing waits for KV; run it again");
writeFileSync(file, dumped);
rmSync(data, { recursive: true });
process.exit();

function cutPower() {
  if (isRunning && pid !== undefined) process.kill(-pid, "SIGKILL");
  isRunning = false;
}

/** A resolver that does not know about `silent.example`, and a receiver that takes everything. */
function answer(request, response) {
  const { searchParams } = new URL(request.url, ORIGIN);
  const name = searchParams.get("name");
  const found = { Status: 0, Answer: [{ name, type: 15, TTL: 60, data: "10 mx.example." }] };
  const reply = name === "silent.example" ? { Status: 2 } : found;
  response.writeHead(200, { "Content-Type": "application/dns-json" }).end(JSON.stringify(reply));
}

function start() {
  const url = `http://127.0.0.1:${world.address().port}`;
  const channels = { ops: { type: "webhook", url, secret: `whsec_${btoa("x".repeat(24))}` } };
  const vars = [
    `DNS_RESOLVER_URL:${url}`,
    `CHANNELS:${JSON.stringify(channels)}`,
    "ANONYMOUS_DAILY:items=100",
  ];
  const flags = ["--port", String(PORT), "--persist-to", data];
  const args = ["start", "--", ...flags, ...vars.flatMap((value) => ["--var", value])];
  return spawn("npm", args, { detached: true, stdio: "ignore" });
}

async function untilReady() {
  while (group.exitCode === null) {
    const isReady = await fetch(`${ORIGIN}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(100);
  }
  throw new Error("npm start has ended");
}

async function call(method, path, body, headers = {}) {
  const response = await fetch(ORIGIN + path, {
    method,
    headers: { ...TOKEN, "Content-Type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

function key(text) {
  return { "Idempotency-Key": text };
}

async function keepSomethingOfEverything() {
  const odd = { "with space": [1, { deep: null }], "": "empty", "ünïcode 😀": true };
  const ada = { name: "Ada Lovelace", email: "Ada@Bücher.example", age: 36, metadata: odd };
  const { id } = await call("POST", "/users", ada, key("ada"));
  // Without a token, so that it counts for its caller.
  await call(
    "POST",
    "/users",
    { name: "Unsure", email: "unsure@silent.example" },
    { Authorization: "" },
  );
  const moved = await call("POST", "/users", { name: "Grace", email: "grace@old.example" });
  await call("PATCH", `/users/${moved.id}`, { email: "grace@new.example" });
  const gone = await call("POST", "/users", { name: "Gone", email: "gone@example.com" });
  const call1 = { title: "Call Ada", assignee_id: id, due_at: "2099-01-01T00:00:00Z" };
  const due = { ...call1, priority: "urgent", notify: ["ops"], reply_to: "ada@example.com" };
  await call("POST", "/tasks", due, key("call"));
  await call("POST", "/tasks", { title: "Left behind", assignee_id: gone.id });
  const done = await call("POST", "/tasks", { title: "Done", metadata: odd });
  for (const status of ["in_progress", "done"])
    await call("PATCH", `/tasks/${done.id}`, { status });
  const deleted = await call("POST", "/tasks", { title: "Deleted" });
  await call("DELETE", `/tasks/${deleted.id}`);
  await call("DELETE", `/users/${gone.id}`);
  await call("POST", "/batch-process", { operation: "uppercase", items: ["a"] }, key("batch"));
  // A second must pass between two writes of a key to KV: the last of these has not reached it.
  const changes = Array.from({ length: 5 }, (_, n) => ({
    title: "Not in KV yet",
    metadata: { n },
  }));
  await Promise.all(changes.map((change) => call("PATCH", `/tasks/${done.id}`, change)));
}

/** Of each table a comment line with its name, then its statements, each ended by `;` at the end of a line. */
function dump() {
  const tables = readdirSync(join(data, OBJECTS))
    .filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite")
    .map((name) => new DatabaseSync(join(data, OBJECTS, name)))
    .map((database) => [nameOf(database), statementsOf(database)]);
  return tables
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, statements]) => `-- ${name}\n${statements.map((one) => `${one};\n`).join("")}`)
    .join("");
}

/** Which table it is shows in what it keeps. */
function nameOf(database) {
  const names = new Set(schemaOf(database).map(({ name }) => name));
  return ["users", "tasks", "callers"].find((name) => names.has(name)) ?? "batches";
}

function schemaOf(database) {
  return database
    .prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    .all()
    .filter(({ name }) => !/^(?:_cf_|sqlite_|__)/.test(name));
}

function statementsOf(database) {
  const schema = schemaOf(database);
  const rows = schema
    .filter(({ type }) => type === "table")
    .flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM ${name}`)
        .all()
        .map((row) => `INSERT INTO ${name} VALUES (${Object.values(row).map(quote).join(", ")})`),
    );
  return [...schema.map(({ sql }) => sql.replaceAll(/\s+/g, " ")), ...rows];
}

function quote(value) {
  if (value === null) return "NULL";
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
