// A form that is sent twice is one record, and both clicks get the same reply.
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { DOUBLED_SUBMIT_MS } from "../../src/domain/idempotency";
import { FOR_A_PAGE, multipart, newest, submit, urlencoded } from "../support/forms";
import {
  HAS_MAIL_SERVER,
  letTimePass,
  remove,
  restoreWorld,
  freshEmail,
  fakeDns,
} from "../support/users";
import { AUTHORIZATION, post, send } from "../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

let count = 0;
function freshTitle(): string {
  count += 1;
  return `Task ${count}`;
}

const filed = async (title: string) =>
  (await newest("tasks")).filter((task) => task.title === title).length;
const from = (address: string) => ({ "CF-Connecting-IP": address });

describe("the same form from the same caller", () => {
  it("is one record within ten seconds, and another one after", async ({ expect }) => {
    const title = freshTitle();
    letTimePass(0);
    const first = await submit("/tasks", urlencoded({ title }), from("192.0.2.1"));
    letTimePass(DOUBLED_SUBMIT_MS - 1);
    const again = await submit("/tasks", multipart({ title }), from("192.0.2.1"));

    expect([first.status, again.status]).toEqual([303, 303]);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await filed(title)).toBe(1);
    letTimePass(1);
    await submit("/tasks", urlencoded({ title }), from("192.0.2.1"));
    expect(await filed(title)).toBe(2);
  });

  it("thanks a person who signed up twice, and tells after ten seconds that it was twice", async ({
    expect,
  }) => {
    const form = () => urlencoded({ name: "Ada", email });
    const email = freshEmail();
    for (const _ of [1, 2]) expect((await submit("/users", form(), FOR_A_PAGE)).status).toBe(303);
    letTimePass(DOUBLED_SUBMIT_MS);
    expect((await submit("/users", form(), FOR_A_PAGE)).status).toBe(409);
  });

  it("is one record also at the same moment", async ({ expect }) => {
    const email = freshEmail();
    const slow = Promise.withResolvers<typeof HAS_MAIL_SERVER>();
    const dns = fakeDns(() => slow.promise);
    const clicks = [1, 2, 3].map(() => submit("/users", urlencoded({ name: "Ada", email })));
    await vi.waitFor(() => expect(dns).toHaveBeenCalled());
    slow.resolve(HAS_MAIL_SERVER);

    const statuses = (await Promise.all(clicks)).map(({ status }) => status);
    expect(statuses).toEqual([303, 303, 303]);
    expect(await newest("users", `email=${email}`)).toHaveLength(1);
  });

  it("is made anew where the record was deleted meanwhile", async ({ expect }) => {
    const email = freshEmail();
    const form = () => urlencoded({ name: "Ada", email });
    await submit("/users", form());
    const [first] = await newest("users", `email=${email}`);
    await remove(first?.id ?? "");
    expect((await submit("/users", form())).status).toBe(303);
    const [second] = await newest("users", `email=${email}`);
    expect(second?.id).not.toBe(first?.id);
  });
});

it("the same form from another caller, or other fields, are another record", async ({ expect }) => {
  const title = freshTitle();
  await submit("/tasks", urlencoded({ title }), from("192.0.2.1"));
  await submit("/tasks", urlencoded({ title }), from("192.0.2.2"));
  await submit("/tasks", urlencoded({ title, more: "x" }), from("192.0.2.1"));
  await submit("/tasks", urlencoded({ title }), { ...from("192.0.2.1"), ...AUTHORIZATION });
  expect(await filed(title)).toBe(4);
});

it("a form under an Idempotency-Key is the same request as its JSON", async ({ expect }) => {
  const title = freshTitle();
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const json = await post("/tasks", { title }, key);
  letTimePass(DOUBLED_SUBMIT_MS);
  const form = await submit("/tasks", urlencoded({ title }), key);

  expect(json.status).toBe(201);
  expect(form.status).toBe(303);
  expect(form.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await filed(title)).toBe(1);
  const other = await submit("/tasks", urlencoded({ title: "Other" }), { ...key, ...FOR_A_PAGE });
  expect(other.status).toBe(422);
});

describe("with Turnstile", () => {
  const VARS = { TURNSTILE_SECRET: "s3cr3t", TURNSTILE_VERIFY_URL: "https://verify.example/" };
  /** Tokens that were asked about; each is good once. */
  let asked: string[];

  beforeEach(() => {
    asked = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.startsWith("https://verify.example/")) return Response.json(HAS_MAIL_SERVER);
      const { response: token } = await request.json<{ response: string }>();
      const success = !asked.includes(token);
      asked.push(token);
      return Response.json({ success, hostname: "site.example" });
    });
  });

  const withToken = (fields: Record<string, string>, token: string) =>
    submit("/users", urlencoded({ ...fields, "cf-turnstile-response": token }), FOR_A_PAGE, VARS);

  it("the widget's field is the token, and goes nowhere else", async ({ expect }) => {
    const email = freshEmail();
    expect((await withToken({ name: "Ada", email }, "t1")).status).toBe(303);
    expect((await newest("users", `email=${email}`))[0]?.metadata).toEqual({});
    expect((await withToken({ name: "Ada", email: freshEmail() }, "")).status).toBe(403);
    expect((await withToken({ name: "Ada", email: freshEmail() }, "t1")).status).toBe(403);
  });

  it("two clicks with one token are one record, and both thank", async ({ expect }) => {
    const email = freshEmail();
    const clicks = [1, 2].map(() => withToken({ name: "Ada", email }, "t2"));
    const statuses = (await Promise.all(clicks)).map(({ status }) => status);
    expect(statuses).toEqual([303, 303]);
    expect(await newest("users", `email=${email}`)).toHaveLength(1);
  });

  it("slips, doubts and programs spend no token", async ({ expect }) => {
    expect((await withToken({ name: "", email: freshEmail() }, "t3")).status).toBe(422);
    const question = await withToken({ name: "Ada", email: "ada@gmial.com" }, "t3");
    expect(await question.text()).toContain('name="cf-turnstile-response" value="t3"');
    await withToken({ name: "Ada", email: freshEmail(), _gotcha: "x" }, "t3");
    expect(asked).toEqual([]);
    expect((await withToken({ name: "Ada", email: freshEmail() }, "t3")).status).toBe(303);
  });
});

it("a form that failed may be sent again at once", async ({ expect }) => {
  const email = freshEmail();
  const form = () => urlencoded({ name: "Ada", email });
  const spent = { ANONYMOUS_DAILY: "items=0" };
  expect((await submit("/users", form(), {}, spent)).status).toBe(429);
  expect((await submit("/users", form())).status).toBe(303);
  expect((await send("/health")).status).toBe(200);
});
