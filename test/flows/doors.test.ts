// The same sign-up or task, through the door for JSON and through the one for forms: one record, one event, one
// notification, and one reply under a key.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, it } from "vitest";
import { multipart, newest, submit, urlencoded } from "../support/forms";
import { delivered, readTask, receive, stopAlarms } from "../support/tasks";
import { restoreWorld } from "../support/users";
import { post } from "../support/worker";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

/** Without what differs from one record or event to the next. */
function likeAnyOther(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "an id")
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "an instant")
      .replaceAll(/#tasks\/[^"]*/g, "#tasks/one"),
  );
}

const DOORS = {
  json: (body: Record<string, string>) => post("/tasks", { ...toJson(body) }),
  urlencoded: (body: Record<string, string>) => submit("/tasks", urlencoded(body), from(1)),
  multipart: (body: Record<string, string>) => submit("/tasks", multipart(body), from(2)),
};
const from = (n: number) => ({ "CF-Connecting-IP": `192.0.2.${n}` });

/** The body in JSON that the fields of a form stand for. */
function toJson({ notify, topic, ...fields }: Record<string, string>): object {
  return { ...fields, notify: [notify], metadata: { topic } };
}

it("a task is the same, and told in the same words, through each door", async ({ expect }) => {
  const fields = {
    title: "The gate does not close",
    description: "Since Monday.\nPlease mend it.",
    priority: "high",
    due_at: "2099-01-01T00:00:00Z",
    reply_to: "ada@example.com",
    notify: "hook",
    topic: "gates & hedges",
  };
  const seen: Record<string, unknown> = {};
  for (const [door, send] of Object.entries(DOORS)) {
    const received = receive();
    expect((await send(fields)).status).toBe(door === "json" ? 201 : 303);
    const [task] = await newest("tasks");
    await delivered(task?.id ?? "");
    const whole = await readTask(task?.id ?? "");
    const told = received.map(({ url, body }): unknown => [url, JSON.parse(body)]);
    seen[door] = likeAnyOther({ whole, told });
  }

  expect(seen["urlencoded"]).toEqual(seen["json"]);
  expect(seen["multipart"]).toEqual(seen["json"]);
});

it("a refusal is the same problem through each door, by the names of the form", async ({
  expect,
}) => {
  const refusal = async (response: Response) => {
    const { request_id, ...problem } = await response.json<Record<string, unknown>>();
    return problem;
  };
  const fields = { name: "", email: "nobody", age: "200" };
  const inJson = await refusal(await post("/users", { ...fields, age: 200 }));

  expect(await refusal(await submit("/users", urlencoded(fields)))).toEqual(inJson);
  expect(await refusal(await submit("/users", multipart(fields)))).toEqual(inJson);
});

it("a reply under a key is kept for each door", async ({ expect }) => {
  receive();
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const form = await submit("/tasks", urlencoded({ title: "Once" }), key);
  const json = await post("/tasks", { title: "Once" }, key);

  expect(form.status).toBe(303);
  expect(json.status).toBe(201);
  expect(json.headers.get("Idempotency-Replayed")).toBe("true");
  const [task] = await newest("tasks");
  expect(await json.json()).toMatchObject({ id: task?.id, title: "Once" });
  expect(json.headers.get("Location")).toBe(`/tasks/${task?.id}`);
});
