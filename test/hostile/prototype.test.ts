// Keys and names that reach a prototype in JavaScript: they are data, or refused, and never change
// what an object is.
import { afterEach, beforeAll, it } from "vitest";
import { attack, attackWith, closeTheWayOut, GOOD_BODIES } from "./attack";

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
];
const PROTOTYPE_NAMES = Object.getOwnPropertyNames(Object.prototype);

beforeAll(closeTheWayOut);
afterEach(({ expect }) => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(PROTOTYPE_NAMES);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});

/** JSON of an object with one more key, which no literal could hold. */
function withKey(body: object, key: string, value: string): string {
  const json = JSON.stringify(body);
  const comma = json === "{}" ? "" : ",";
  return `{${JSON.stringify(key)}:${value}${comma}${json.slice(1)}`;
}

/** The JSON of a value with `find` replaced; for keys that an object literal would take as its prototype. */
function text(value: unknown, find: string, replacement: string): string {
  return JSON.stringify(value).replaceAll(JSON.stringify(find), replacement);
}

it.for(Object.keys(GOOD_BODIES))("POST %s refuses them as fields", async (path, { expect }) => {
  for (const name of NAMES) {
    const body = withKey(GOOD_BODIES[path] ?? {}, name, '{"polluted":true}');
    const { status, text: problem } = await attackWith(path, body);
    expect([status, problem.includes(`#/${name}`)], name).toEqual([422, true]);
  }
});

it.for(NAMES)(
  "Metadata may have %s as a key and is kept as it is, or it is refused",
  async (name, { expect }) => {
    const metadata = `{${JSON.stringify(name)}:{"polluted":true}}`;
    const email = `${name.replaceAll("_", "")}@example.com`;
    const body = text({ name: "Ada", email, metadata: "HERE" }, "HERE", metadata);
    const { status, text: reply } = await attackWith("/users", body);
    expect([201, 422], reply).toContain(status);
    if (status === 201) expect(reply).toContain(`"metadata":${metadata}`);
  },
);

const OPERATIONS = [
  { name: "pick", fields: ["NAME"] },
  { name: "omit", fields: ["NAME"] },
  { name: "rename", fields: { NAME: "a" } },
  { name: "rename", fields: { a: "NAME" } },
  { name: "group_by", field: "NAME" },
  { name: "sort", by: "NAME" },
  { name: "unique", by: "NAME" },
  { name: "select", expression: '"NAME"' },
  { name: "select", expression: "NAME" },
  { name: "filter", expression: "NAME" },
  { name: "select", expression: "{NAME: a}" },
  { name: "NAME" },
  "NAME",
  "frequency",
  "json_stringify",
  "flatten",
  "csv_parse",
  ["json_parse", "json_stringify"],
];

it.for(NAMES)("Operations take %s in parameters and items", async (name, { expect }) => {
  const nested = `{${JSON.stringify(name)}:{"polluted":true},"a":{${JSON.stringify(name)}:1}}`;
  for (const operation of OPERATIONS) {
    const source = JSON.stringify(operation).replaceAll("NAME", name);
    const items = `[${nested},${JSON.stringify(nested)},${JSON.stringify(name)},"${name},b\\n1,2"]`;
    const { status } = await attackWith(
      "/process-data",
      `{"items":${items},"operation":${source}}`,
    );
    expect([200, 422], source).toContain(status);
  }
});

it.for(NAMES)(
  "A column that is called %s is one like any other, or refused",
  async (name, { expect }) => {
    const { status } = await attackWith(
      "/batch-process?operation=users",
      `name,email,${name}\nAda,a@example.com,1\n`,
      {
        headers: { "Content-Type": "text/csv" },
      },
    );
    expect(status).toBe(422);
  },
);

it.for(NAMES)("Nothing is configured under the name %s", async (name, { expect }) => {
  const bodies = [
    ["/external-api", { requests: [{ upstream: name, path: "/" }] }],
    ["/tasks", { title: "a", notify: [name] }],
    ["/batch-process", { operation: "trim", items: ["a"], notify: [name] }],
    ["/batch-process", { operation: name, items: ["a"] }],
    ["/batch-process", { operation: [name], items: ["a"] }],
    ["/batch-process", { operation: "external-api", items: [{ upstream: name, path: "/" }] }],
  ] as const;
  for (const [path, body] of bodies) {
    expect((await attackWith(path, JSON.stringify(body))).status).toBe(422);
  }
});

it.for(NAMES)(
  "Headers and query parameters of a call may be called %s, or are refused",
  async (name, { expect }) => {
    for (const field of ["headers", "query"]) {
      const request = `{"url":"https://up.example/","${field}":{${JSON.stringify(name)}:"x"}}`;
      const { status } = await attackWith("/external-api", `{"requests":[${request}]}`);
      expect([200, 422]).toContain(status);
    }
  },
);

it.for(NAMES)("There is no query parameter called %s", async (name, { expect }) => {
  for (const path of ["/users", "/tasks", "/process-data", "/health"]) {
    for (const query of [
      `${name}=1`,
      `${name}[polluted]=1`,
      `${name}.polluted=1`,
      `limit=2&${name}=1`,
    ]) {
      expect((await attack(`${path}?${query}`)).status, `${path}?${query}`).toBe(400);
    }
  }
});

it.for(NAMES)("There is no problem, user, task or batch called %s", async (name, { expect }) => {
  for (const folder of ["problems", "users", "tasks", "batch-process"]) {
    expect((await attack(`/${folder}/${name}`)).status).toBe(404);
  }
});
