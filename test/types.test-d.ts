// Uses of the client that the compiler must reject or accept. `tsc` is the test, and nothing here runs: a
// line that is wrongly accepted leaves its `@ts-expect-error` unused, which is an error.
import { expectTypeOf } from "vitest";
import {
  createClient,
  type Batch,
  type BatchItems,
  type Fault,
  type ProblemCode,
  SerentakError,
  type User,
} from "../src/client";
import type { EndpointOperation } from "../src/domain/batches/batch-operations";
import type { Fault as DomainFault } from "../src/domain/errors";
import type { User as StoredUser } from "../src/domain/records/users";
import type { problems } from "../src/http/problem";

const client = createClient({ baseUrl: "https://api.example", token: "secret" });
const { signal } = new AbortController();

// Types that the client writes out itself, since no route's schema contains them.
expectTypeOf<keyof BatchItems>().toEqualTypeOf<EndpointOperation>();
expectTypeOf<Fault>().toEqualTypeOf<DomainFault>();

export function options(): void {
  // @ts-expect-error the base URL is needed
  createClient({ token: "secret" });
  // @ts-expect-error an option that does not exist
  createClient({ baseUrl: "", timeout: 5 });
  createClient({ baseUrl: "", fetch, turnstileToken: () => "token" });
}

export async function externalApi(): Promise<void> {
  const urls = ["https://a.example", "https://b.example"] as const;
  const reply = await client.externalApi(urls, { signal, onResult: ({ id }) => id.length });
  const [result] = reply.results;
  if (result?.status === "fulfilled") {
    const { http_status, ok }: { http_status: number; ok: boolean } = result;
    void [http_status, ok];
    // @ts-expect-error only a rejected call has an error
    void result.error;
  }
  await client.externalApi({ requests: [{ url: "https://a.example", retries: 1 }], policy: "any" });
  // @ts-expect-error a policy that does not exist
  await client.externalApi({ urls, policy: "first" });
  // @ts-expect-error an unknown field
  await client.externalApi({ requests: [{ url: "https://a.example", timeout: 5 }] });
  for await (const receipt of client.streamExternalApi(urls)) void receipt.duration_ms;
}

export async function processData(): Promise<void> {
  const one = await client.processData([1, "a"], ["trim", { name: "truncate", length: 3 }]);
  void one.processed_items;
  // @ts-expect-error one operation has no list of results
  void one.results;
  const each = await client.processDataByEach([1], ["sum", "count"]);
  void each.results[0]?.status;
  // @ts-expect-error an operation has a name
  await client.processData(["a"], { length: 3 });
  // @ts-expect-error a pipeline is no list of operations
  await client.processDataByEach(["a"], "uppercase");
}

export async function users(): Promise<void> {
  const user = await client.users.create({ name: "Ada", email: "ada@example.com" }, { signal });
  if (!("id" in user)) {
    expectTypeOf(user.status).toEqualTypeOf<"confirmation-sent">();
    return;
  }
  expectTypeOf<(typeof user)["email_check"]["verdict"]>().toEqualTypeOf<
    StoredUser["email_check"]["verdict"]
  >();
  const stored: StoredUser = user;
  void stored;
  // @ts-expect-error the e-mail is needed
  await client.users.create({ name: "Ada" });
  // @ts-expect-error an unknown field
  await client.users.create({ name: "Ada", email: "ada@example.com", nick: "A" });
  // @ts-expect-error an age is a number
  await client.users.update(user.id, { age: "7" });
  await client.users.update(user.id, { age: null }, { ifVersion: user.version });
  // @ts-expect-error a new record has no version yet
  await client.users.create({ name: "Ada", email: "ada@example.com" }, { ifVersion: 1 });
  for await (const entry of client.users.list()) {
    void entry.email;
    // @ts-expect-error a list has no metadata
    void entry.metadata;
  }
}

export async function tasks(): Promise<void> {
  const task = await client.tasks.create({ title: "Water", priority: "high", notify: ["ops"] });
  // @ts-expect-error a priority that does not exist
  await client.tasks.create({ title: "Water", priority: "highest" });
  await client.tasks.update(task.id, { status: "in_progress" });
  // @ts-expect-error a state that does not exist
  client.tasks.list({ status: "open" });
  // @ts-expect-error a list has all pages; `page` takes a limit
  client.tasks.list({ limit: 5 });
  await client.tasks.page({ limit: 5, status: "pending" });
  await client.tasks.page({
    status: ["pending", "in_progress"],
    due_before: "2026-01-01T00:00:00Z",
  });
  // @ts-expect-error a list of a state that does not exist
  await client.tasks.page({ status: ["pending", "open"] });
  await client.notifications.resend(task.notifications[0]?.id ?? "");
}

export async function batches(): Promise<void> {
  const batch = await client.batch({ operation: "uppercase", items: [1, "a", {}] });
  for await (const state of batch.progress({ signal }))
    expectTypeOf<typeof state>().toEqualTypeOf<Batch>();
  for await (const { index, status } of batch.results({ only: "failed" })) void [index, status];
  batch.results({ only: "pending" });
  // @ts-expect-error no state of an item
  batch.results({ only: "open" });
  const person = { name: "Ada", email: "ada@example.com" };
  await client.batch({ operation: "users", items: [person] });
  // @ts-expect-error a sign-up has an e-mail
  await client.batch({ operation: "users", items: [{ name: "Ada" }] });
  // @ts-expect-error a task has a title
  await client.batch({ operation: "tasks", items: [person] });
  await client.batch({ operation: "external-api", items: ["https://a.example", { url: "x:" }] });
  await client.batch({ operation: "users", file: new Blob(["{}"]), format: "ndjson" });
  // @ts-expect-error a format that does not exist
  await client.batch({ operation: "users", file: "{}", format: "xlsx" });
  // @ts-expect-error neither items nor a file
  await client.batch({ operation: "uppercase" });
  // @ts-expect-error an option that does not exist
  await client.batch({ operation: "uppercase", items: ["a"], options: { lanes: 2 } });
}

export async function register(): Promise<void> {
  for await (const { id, label, status } of client.batches.list({ status: ["running"] }))
    void [id, label, status];
  // @ts-expect-error both are needed
  await client.batches.remove({ status: "completed" });
  expectTypeOf(
    await client.batches.remove({ status: "completed", before: "2026-01-01T00:00:00Z" }),
  ).toBeNumber();
}

export async function routes(): Promise<void> {
  const user = await client.request("GET /users/:id", { params: { id: "1" } });
  expectTypeOf(user).toEqualTypeOf<User>();
  await client.request("GET /tasks", { query: { status: "done" } }, { signal });
  await client.request("DELETE /users/:id", { params: { id: "1" } });
  const body = { title: "Water" };
  await client.request("POST /tasks", { body }, { idempotencyKey: "key" });
  // @ts-expect-error only what creates something takes a key
  await client.request("POST /process-data", { body: { items: [1] } }, { idempotencyKey: "key" });
  // @ts-expect-error a route that does not exist
  await client.request("POST /nowhere", { body });
  // @ts-expect-error the id is needed
  await client.request("GET /users/:id", {});
  // @ts-expect-error a task has a title
  await client.request("POST /tasks", { body: {} });
}

export function refusals(error: unknown): void {
  // The client's list of codes is the Worker's.
  expectTypeOf<ProblemCode>().toEqualTypeOf<keyof typeof problems>();
  if (!(error instanceof SerentakError)) return;
  if (error.code === "email-taken") void error.problem["suggestion"];
  // @ts-expect-error a code that does not exist
  if (error.code === "email-takn") void error.errors;
  expectTypeOf(error.requestId).toBeString();
}
