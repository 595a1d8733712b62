// A caller of /tasks in tests. The replies' shapes are written down here once more, from the contract
// and not from the source, so that a change of either shows.
import * as v from "valibot";

const Instant = v.pipe(v.string(), v.isoTimestamp());

const Notification = v.strictObject({
  id: v.string(),
  event_id: v.string(),
  channel: v.string(),
  event: v.string(),
  record_id: v.string(),
  status: v.picklist(["pending", "delivered", "failed", "cancelled"]),
  attempts: v.number(),
  last_attempt_at: v.nullable(Instant),
  next_attempt_at: v.nullable(Instant),
  http_status: v.nullable(v.number()),
  error: v.nullable(v.strictObject({ code: v.string(), detail: v.string() })),
});

const Task = v.strictObject({
  id: v.string(),
  title: v.string(),
  description: v.nullable(v.string()),
  priority: v.string(),
  status: v.string(),
  assignee_id: v.nullable(v.string()),
  due_at: v.nullable(Instant),
  metadata: v.record(v.string(), v.unknown()),
  reply_to: v.nullable(v.string()),
  created_at: Instant,
  updated_at: Instant,
  version: v.number(),
  notifications: v.array(Notification),
});
export type Task = v.InferOutput<typeof Task>;

/** Sends a request with the token of `npm start`. */
export function call(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return fetch(origin + path, {
    method,
    headers: { authorization: "Bearer dev", "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** The task in the reply to a request. Throws for anything but success. */
export async function task(
  origin: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Task> {
  const response = await call(origin, method, path, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)} ${text}`);
  return v.parse(Task, JSON.parse(text));
}
