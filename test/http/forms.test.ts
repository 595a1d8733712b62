// Forms: another reading of the same body, with the same record in the end.
import { afterEach, beforeEach, describe, it } from "vitest";
import { MAX_FORM_FIELDS } from "../../src/http/form-fields";
import { multipart, newest, SITE, submit, urlencoded, type Fields } from "../support/forms";
import { expectProblem } from "../support/problem";
import { fakeDns, freshEmail, restoreWorld } from "../support/users";
import { AUTHORIZATION, post } from "../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

const ENCODINGS = [
  ["urlencoded", urlencoded],
  ["multipart", multipart],
] as const;

let callers = 0;
/** From a caller of its own, the same fields are no doubled submit. */
function freshAddress() {
  callers += 1;
  return { "CF-Connecting-IP": `192.0.2.${callers}` };
}

/** The record that a form makes, without what differs from one to the next. */
async function recordOf(
  kind: "users" | "tasks",
  fields: Fields,
  encode: (fields: Fields) => URLSearchParams | FormData = urlencoded,
) {
  const response = await submit(`/${kind}`, encode(fields), freshAddress());
  if (response.status !== 303) throw new Error(await response.text());
  const [record] = await newest(kind);
  return record;
}

describe.for(ENCODINGS)("a form that is %s", ([, encode]) => {
  it("makes the same user as the same body in JSON", async ({ expect }) => {
    const [one, other] = [freshEmail(), freshEmail()];
    const metadata = { company: "Analytical", Wünsche: "süß & <b>+ 100%</b>" };
    const user = { name: "Ada Lovelace", age: 36, metadata };
    await post("/users", { ...user, email: one });
    const [inJson] = await newest("users");

    const fields = { ...metadata, name: user.name, email: other, age: "36" };
    const response = await submit("/users", encode(fields));

    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe("/thanks");
    expect(await response.text()).toBe("");
    const [inForm] = await newest("users");
    const anyNew = { id: expect.any(String), created_at: expect.any(String) };
    const updated_at = expect.any(String);
    expect(inForm).toEqual({ ...inJson, ...anyNew, updated_at, email: other });
  });

  it("keeps other fields in the metadata, in order, a repeated one as a list", async ({
    expect,
  }) => {
    const fields = [
      ["zeta", "1"],
      ["title", "Hello"],
      ["topic", "a"],
      ["alpha", "x\r\ny\rz"],
      ["topic", ""],
      ["topic", "b"],
      ["empty", " "],
      ["none", ""],
    ] as const;

    const task = await recordOf("tasks", fields, encode);

    expect(JSON.stringify(task?.metadata)).toBe(
      '{"zeta":"1","topic":["a","","b"],"alpha":"x\\ny\\nz"}',
    );
  });

  it("may name nothing that changes what an object is", async ({ expect }) => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
    const fields = names.map((name) => [name, "x"] as const);

    const task = await recordOf("tasks", [["title", "Hello"], ...fields], encode);

    expect(Object.entries(task?.metadata ?? {})).toEqual(fields);
  });

  it("leaves out what is optional and empty", async ({ expect }) => {
    const empty = { description: "", priority: "", due_at: " ", notify: "", email: "" };

    const task = await recordOf("tasks", { title: "Hello", ...empty }, encode);

    expect(task).toMatchObject({
      title: "Hello",
      description: null,
      priority: "medium",
      due_at: null,
      reply_to: null,
      metadata: {},
    });
  });
});

it("a form names the title _subject and whom to answer email, unless it has those fields", async ({
  expect,
}) => {
  const names = { _subject: "From the site", email: "ada@example.com" };

  expect(await recordOf("tasks", names)).toMatchObject({
    title: "From the site",
    reply_to: "ada@example.com",
    metadata: {},
  });
  const both = { title: "Own", reply_to: "bob@example.com", ...names };
  expect(await recordOf("tasks", both)).toMatchObject({
    title: "Own",
    reply_to: "bob@example.com",
    metadata: names,
  });
  expect(await recordOf("tasks", { title: "", ...names })).toMatchObject({
    title: "From the site",
  });
  expect(await recordOf("tasks", { ...names, title: "" })).toMatchObject({
    title: "From the site",
  });
});

it("a form names channels by one field or several", async ({ expect }) => {
  for (const fields of [
    [["notify", "hook"]],
    [
      ["notify", "hook"],
      ["notify", ""],
      ["notify", "slack"],
    ],
  ] as const) {
    const response = await submit("/tasks", urlencoded([["title", "Hello"], ...fields]));
    expect(response.status).toBe(303);
  }
});

/** The fields at fault. */
async function faultsOf(response: Response, expect: Parameters<typeof expectProblem>[0]) {
  const { errors = [] } = await expectProblem(expect, response, "invalid-body");
  return errors.map(({ pointer }) => pointer);
}

it("all faults are told at once, by the names of the form", async ({ expect }) => {
  const fields = [
    ["name", "a"],
    ["name", "b"],
    ["email", "nobody"],
    ["age", "very old"],
    [`a/${"x".repeat(100)}`, "y"],
  ] as const;
  const user = await submit("/users", urlencoded(fields));
  expect(await faultsOf(user, expect)).toEqual([
    "#/name",
    "#/email",
    "#/age",
    `#/a~1${"x".repeat(100)}`,
  ]);

  const task = await submit("/tasks", urlencoded({ email: "nobody", notify: "nobody" }));
  expect(await faultsOf(task, expect)).toEqual(["#/title", "#/email", "#/notify/0"]);
  const blank = await submit("/tasks", urlencoded({ _subject: " " }));
  expect(await faultsOf(blank, expect)).toEqual(["#/_subject"]);
});

it("numbers are those of JSON", async ({ expect }) => {
  const email = freshEmail();
  for (const age of ["0x10", "1e2", "Infinity", "3.5", "-1", "99999999999999999999"]) {
    const response = await submit("/users", urlencoded({ name: "Ada", email, age }));
    expect(await faultsOf(response, expect)).toEqual(["#/age"]);
  }
  const user = await recordOf("users", { name: "Ada", email, age: " 36 " });
  expect(user).toMatchObject({ age: 36 });
});

it("a file is refused by its field's name, an empty choice of one is not", async ({ expect }) => {
  const body = multipart({ title: "Hello" });
  body.append("photo", new File(["\xff\xfe"], "cat.png"));
  body.append("cv", new Blob(["x"]));

  expect(await faultsOf(await submit("/tasks", body), expect)).toEqual(["#/photo", "#/cv"]);

  const none = multipart({ title: "Hello" });
  none.append("photo", new File([], ""));
  expect((await submit("/tasks", none)).status).toBe(303);
});

describe("a form that cannot be read", () => {
  const typed = (type: string) => ({ "Content-Type": type });
  const MULTIPART = typed("multipart/form-data; boundary=b");
  const part = (bytes: string) =>
    `--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n${bytes}\r\n--b--\r\n`;
  const URLENCODED = typed("application/x-www-form-urlencoded");

  it.for([
    ["is not UTF-8", "title=%ff", URLENCODED, "malformed-json"],
    [
      "has bytes that are not UTF-8",
      new Uint8Array([0x61, 0x3d, 0xff]),
      URLENCODED,
      "malformed-json",
    ],
    [
      "is multipart and not UTF-8",
      Uint8Array.from(part("\xff"), (character) => character.charCodeAt(0)),
      MULTIPART,
      "malformed-json",
    ],
    ["has no boundary", part("x"), typed("multipart/form-data"), "malformed-request"],
    ["is cut off", part("x").slice(0, 40), MULTIPART, "malformed-request"],
    ["is empty", "", MULTIPART, "malformed-request"],
    [
      "is in another charset",
      "title=x",
      typed("application/x-www-form-urlencoded; charset=latin1"),
      "unsupported-media-type",
    ],
    ["is JSON after all", '{"title": "x"}', URLENCODED, "unsupported-media-type"],
    ["is text", "title=x", typed("text/plain"), "unsupported-media-type"],
    ["is too large", `title=${"x".repeat(1024 * 1024)}`, URLENCODED, "body-too-large"],
    ["has too many fields", "a=&".repeat(MAX_FORM_FIELDS + 1), URLENCODED, "body-too-large"],
    [
      "has too many parts",
      Array.from({ length: MAX_FORM_FIELDS + 1 }, () => part("x").slice(0, -7)).join("") +
        "--b--\r\n",
      MULTIPART,
      "body-too-large",
    ],
  ] as const)("because it %s is refused", async ([, body, headers, code], { expect }) => {
    await expectProblem(expect, await submit("/tasks", body, headers), code);
  });

  it("may have stray per cent signs, as hands write them", async ({ expect }) => {
    const response = await submit("/tasks", "title=100%+%zz", URLENCODED);
    expect(response.status).toBe(303);
    expect((await newest("tasks"))[0]).toMatchObject({ title: "100% %zz" });
  });
});

it("no other route takes forms", async ({ expect }) => {
  for (const path of ["/external-api", "/process-data", "/batch-process"]) {
    const response = await submit(path, urlencoded({ a: "b" }));
    await expectProblem(expect, response, "unsupported-media-type");
  }
});

describe("the origin of a form", () => {
  const form = () => urlencoded({ title: "Hello" });

  it.for([
    ["listed", SITE, 303],
    ["a listed subdomain", "https://a.pages.example", 303],
    ["our own", "https://api.example", 303],
    ["foreign", "https://evil.example", 403],
    ["a listed one's without its scheme", "http://site.example", 403],
    ["hidden", "null", 403],
    ["missing", "", 403],
  ] as const)("decides: %s (%s) is %s", async ([, Origin, status], { expect }) => {
    for (const body of [form(), multipart({ title: "Hello" })]) {
      const response = await submit("/tasks", body, { Origin });
      if (status === 403) await expectProblem(expect, response, "origin-not-allowed");
      expect(response.status).toBe(status);
    }
  });

  it("may be any, even hidden or missing, where any may call", async ({ expect }) => {
    for (const Origin of ["https://any.example", "null", ""]) {
      const response = await submit("/tasks", form(), { Origin }, { ALLOWED_ORIGINS: "*" });
      expect(response.status).toBe(303);
    }
  });

  it("is not asked of the holder of a token", async ({ expect }) => {
    expect((await submit("/tasks", form(), { Origin: "", ...AUTHORIZATION })).status).toBe(303);
  });

  it("opens nothing that is not public", async ({ expect }) => {
    const response = await submit("/tasks", form(), {}, { PUBLIC_ENDPOINTS: "users" });
    await expectProblem(expect, response, "unauthorized");
  });
});
