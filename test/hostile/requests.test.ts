// Headers and queries that no honest client sends.
import { beforeAll, it, vi } from "vitest";
import { loadRoutes } from "../../src/routes";
import { attack, attackWith, closeTheWayOut, GOOD_BODIES, NOBODY } from "./attack";

const routes = await loadRoutes();

beforeAll(closeTheWayOut);

const LONG = "x".repeat(16_000);
/** Values for any header: empty, long, of other alphabets, of other grammars. */
const ODD_VALUES = [
  "",
  ",",
  '"',
  "*",
  "null",
  "-1",
  "9".repeat(400),
  LONG,
  '"' + '\\"'.repeat(5000),
  ", ".repeat(5000),
];

/** Odd values that one route gets of each header: all routes together get all, each of them at many routes. */
const ODD_VALUES_A_ROUTE = 3;

function oddValuesFor(nth: number): string[] {
  return Array.from(
    { length: ODD_VALUES_A_ROUTE },
    (_, at) => ODD_VALUES[(nth * ODD_VALUES_A_ROUTE + at) % ODD_VALUES.length] ?? "",
  );
}

const ODD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  Accept: [
    "text/csv;q=abc",
    "application/x-ndjson;q=0",
    "*/*;q=2",
    "text/csv, application/x-ndjson",
    "application/",
  ],
  "Content-Type": [
    "application/json;charset",
    "application/json; charset=utf-7",
    "application/json, text/csv",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
  ],
  Prefer: [
    "wait=999999999999",
    "wait=-1",
    "wait=0x10",
    "wait",
    "respond-async, wait=0",
    "wait=0;wait=25",
    'wait="0',
  ],
  "If-Match": [
    '"1',
    "1",
    'W/"',
    '"1","2",',
    '"' + "9".repeat(4000) + '"',
    '"NaN"',
    '"-1"',
    '"1e3"',
  ],
  "If-None-Match": ['W/"1", "2", *', '"'],
  "Idempotency-Key": ["a b", '"a', "x".repeat(256), '"' + "x".repeat(256) + '"', '""'],
  Origin: [
    "null",
    "https://site.example.evil.example",
    "https://site.example:443",
    "file://",
    "https://site.example/",
    "https://SITE.example",
    "https://site.example, https://evil.example",
  ],
  "Last-Event-ID": ["end-completed-1-0", "x\ty"],
  "Turnstile-Token": ["x".repeat(5000)],
  "CF-Connecting-IP": ["::", "1.2.3.4, 5.6.7.8", ":::::::::", "::1%eth0"],
  "Content-Encoding": ["gzip", "identity, gzip"],
  "Access-Control-Request-Method": ["POST, GET"],
  "X-HTTP-Method-Override": ["DELETE"],
  "X-Forwarded-Host": ["evil.example"],
  Range: ["bytes=0-0"],
  Expect: ["100-continue"],
};

it.for(Object.entries(ODD_HEADERS))(
  "A header %s of any value is answered by every route",
  async ([name, values]) => {
    for (const [nth, { method, path }] of routes.entries()) {
      for (const value of [...values, ...oddValuesFor(nth)]) {
        const init = { method, headers: { "Content-Type": "application/json", [name]: value } };
        const body = method === "GET" || method === "DELETE" ? {} : { body: "{}" };
        await attack(path.replaceAll(/:\w+/g, NOBODY), { ...init, ...body });
      }
    }
  },
);

it("Only a bearer token of ours opens anything", async ({ expect }) => {
  const wrong = [
    "Bearer",
    "Bearer  ",
    "bearer test-token x",
    "Bearer test-token,second-token",
    "Basic test-token",
    `Bearer ${LONG}`,
    "Bearer test-toke",
    "Bearer test-tokenn",
    "Bearer TEST-TOKEN",
    "Bearer null",
    "Bearer undefined",
    'Bearer "test-token"',
    "Token test-token",
  ];
  for (const Authorization of wrong) {
    expect((await attack("/users", { headers: { Authorization } })).status).toBe(401);
  }
});

it("A good body is taken whatever harmless headers come with it", async ({ expect }) => {
  const headers = {
    Accept: "*/*",
    Prefer: "wait=abc",
    "If-Match": '"0"',
  };
  for (const [path, body] of Object.entries(GOOD_BODIES)) {
    expect((await attackWith(path, JSON.stringify(body), { headers })).status).toBeLessThan(300);
  }
});

const ODD_QUERIES = [
  "limit=",
  "limit=0",
  "limit=-1",
  "limit=1e3",
  "limit=0x10",
  "limit=99999999999",
  "limit=1&limit=2",
  "limit[]=1",
  "limit=%00",
  "limit=%31%30%31",
  "cursor=",
  "cursor=a&cursor=b",
  `cursor=${"A".repeat(16_000)}`,
  "cursor=%",
  "cursor=%ff",
  "cursor=../../etc/passwd",
  "status=done&status=pending",
  "status=DONE",
  "priority=",
  "assignee_id=1%20OR%201=1",
  "only=pending",
  "only=failed&only=succeeded",
];

it.for(["/users", "/tasks", `/batch-process/${NOBODY}/results`])(
  "GET %s refuses a query that cannot be read or is not known",
  async (path, { expect }) => {
    for (const query of ODD_QUERIES) {
      const { status } = await attack(`${path}?${query}`);
      expect([200, 400, 404], query).toContain(status);
    }
    expect([200, 404]).toContain((await attack(`${path}?&&&`)).status);
    for (const query of [
      "?",
      "=",
      "=x",
      "%",
      "%00",
      "%ff=%ff",
      "a".repeat(16_000),
      "a=1&".repeat(4000),
      "a[b][c]=1",
    ]) {
      expect((await attack(`${path}?${query}`)).status, query.slice(0, 50)).toBe(400);
    }
  },
);

it("POST /batch-process refuses a query that cannot be read", async ({ expect }) => {
  const queries = [
    "operation=",
    "operation=[",
    "operation={}",
    "operation=[]",
    "operation=null",
    "operation=a&operation=b",
    `operation=${LONG}`,
    "operation=%00",
    "operation=__proto__",
    `operation=${"[".repeat(5000)}`,
    "operation=trim&notify=a&notify=b",
    "operation=trim&notify=nobody",
    "operation=trim&concurrency=0",
    "operation=trim&max_attempts=11",
    "operation=trim&stop_after_failures=-1",
  ];
  for (const query of queries) {
    const headers = { "Content-Type": "application/x-ndjson" };
    const { status } = await attackWith(`/batch-process?${query}`, '"a"\n', { headers });
    expect([400, 422], query.slice(0, 50)).toContain(status);
  }
});

it("Methods that are no method of ours are refused", async ({ expect }) => {
  for (const method of ["PUT", "PROPFIND", "PURGE", "get"]) {
    for (const path of ["/users", "/process-data", `/tasks/${NOBODY}`]) {
      const { status } = await attack(path, { method });
      // The runtime itself makes GET of `get`.
      expect(method === "get" ? [200, 404] : [405]).toContain(status);
    }
  }
});

it("Every token is compared in full, whatever is presented", async ({ expect }) => {
  const compare = vi.spyOn(crypto.subtle, "timingSafeEqual");
  // Lengths of the tokens in `test/vitest.config.ts`: the time must reveal neither which token is close nor
  // how close.
  const lengths = ["test-token", "second-token"].map(({ length }) => length);
  for (const guess of ["x", "test-toke", "test-tokex", "second-token-and-more", LONG]) {
    compare.mockClear();
    await attack("/users", { headers: { Authorization: `Bearer ${guess}` } });
    const compared = compare.mock.calls.map(([left, right]) => [left.byteLength, right.byteLength]);
    expect(compared).toEqual(lengths.map((length) => [length, length]));
  }
  compare.mockRestore();
});
