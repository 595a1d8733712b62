// Headers, queries, cursors and paths that no honest client sends.
import { beforeAll, beforeEach, describe, it, vi } from "vitest";
import { routes } from "../../src/routes";
import { signUp } from "../support/users";
import { attack, attackWith, closeTheWayOut, GOOD_BODIES, NOBODY } from "./attack";

beforeEach(() => {
  closeTheWayOut();
  return () => vi.restoreAllMocks();
});

const LONG = "x".repeat(16_000);
/** Values for any header: empty, long, of other alphabets, of other grammars. */
const ODD_VALUES = [
  "",
  " ",
  ",",
  ",,,",
  ";",
  "=",
  '"',
  '""',
  "*",
  "\\",
  "null",
  "-1",
  "9".repeat(400),
  LONG,
  '"' + '\\"'.repeat(5000),
  ", ".repeat(5000),
];

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
  "Idempotency-Key": ["a b", '"a', '"\u00e9"', "x".repeat(256), '"' + "x".repeat(256) + '"', '""'],
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

describe.each(Object.entries(ODD_HEADERS))("A header %s of any value", (name, values) => {
  it.for(routes)("is no matter to $method $path", async ({ method, path }) => {
    for (const value of [...values, ...ODD_VALUES]) {
      const init = { method, headers: { "Content-Type": "application/json", [name]: value } };
      const body = method === "GET" || method === "DELETE" ? {} : { body: "{}" };
      await attack(path.replaceAll(/:\w+/g, NOBODY), { ...init, ...body });
    }
  });
});

it("Only a bearer token of ours opens anything", async ({ expect }) => {
  const wrong = [
    "Bearer",
    "Bearer  ",
    "bearer test-token x",
    "Bearer test-token,second-token",
    "Basic test-token",
    "Bearer\u00a0test-token",
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
    Accept: "\u0000".length > 1 ? "" : "*/*",
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
  "GET %s refuses a query that cannot be read, and ignores what it does not know",
  async (path, { expect }) => {
    for (const query of ODD_QUERIES) {
      const { status } = await attack(`${path}?${query}`);
      expect([200, 400, 404], query).toContain(status);
    }
    for (const query of [
      "?",
      "&&&",
      "=",
      "=x",
      "%",
      "%00",
      "%ff=%ff",
      "a".repeat(16_000),
      `${"a=1&".repeat(4000)}`,
      "a[b][c]=1",
    ]) {
      expect([200, 404], query.slice(0, 50)).toContain((await attack(`${path}?${query}`)).status);
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

const base64Url = (text: string) =>
  btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

describe("A forged cursor", () => {
  let batchId = "";
  beforeAll(async () => {
    closeTheWayOut();
    await signUp("somebody@example.com");
    const { text } = await attackWith("/batch-process", '{"operation":"trim","items":["a","b"]}');
    ({ id: batchId } = JSON.parse(text));
    await attackWith("/tasks", '{"title":"Secret task"}');
  });

  const forged = [
    "[]",
    "null",
    "{}",
    '["x","y"]',
    "[null,null]",
    '["",""]',
    '[null,"\u00ff"]',
    `[null,${JSON.stringify("~".repeat(600))}]`,
    '["../TASKS",""]',
    '["AAAA",""]',
    '{"from":null,"after":""}',
    "i0",
  ].map(base64Url);

  it.for(["/users", "/tasks"])(
    "is refused by GET %s, or lists the same kind",
    async (path, { expect }) => {
      for (const cursor of [...forged, "izzzzzzzz", "-", "_", "0"]) {
        const { status, text } = await attack(`${path}?cursor=${cursor}`);
        expect([200, 400], cursor).toContain(status);
        expect(text).not.toContain(path === "/users" ? "Secret task" : "somebody@example.com");
      }
    },
  );

  it("of one list shows nothing of another", async ({ expect }) => {
    for (let n = 0; n < 3; n += 1) await signUp(`page-${n}@example.com`);
    const { text } = await attack("/users?limit=1");
    const { next_cursor }: { next_cursor: string } = JSON.parse(text);
    const { status, text: tasks } = await attack(`/tasks?cursor=${next_cursor}`);
    expect([200, 400]).toContain(status);
    expect(tasks).not.toContain("@example.com");
  });

  it("goes on nowhere in a batch's results", async ({ expect }) => {
    for (const cursor of ["izzzzzzzz", "i", "i-1", "I0", "i0x", ...forged]) {
      const { status, text } = await attack(`/batch-process/${batchId}/results?cursor=${cursor}`);
      expect([200, 400]).toContain(status);
      if (status === 200) expect(JSON.parse(text)).toMatchObject({ next_cursor: null });
    }
  });
});

const ODD_PATHS = [
  "//",
  "///users",
  "/users/",
  "/users//",
  "/users/..",
  "/users/../tasks",
  "/users/%2e%2e/tasks",
  "/users/..%2ftasks",
  "/users%2f" + NOBODY,
  "/users/%00",
  "/users/%",
  "/users/%zz",
  "/users/%ff%fe",
  "/users/" + "a".repeat(8000),
  "/users/" + "%41".repeat(2000),
  "/users/" + "../".repeat(2000),
  "/users/" + NOBODY + "/x",
  "/users/" + NOBODY.toUpperCase(),
  "/users/ " + NOBODY,
  "/users/" + NOBODY + "%20",
  "/users/" + NOBODY + "%0a",
  "/users/{id}",
  "/users/:id",
  "/users/*",
  "/USERS",
  "/tasks/" + NOBODY + "/notifications/x/resend",
  "/batch-process/" + NOBODY + "/../../users",
  "/batch-process/event:" + NOBODY,
  "/batch-process/batch:" + NOBODY,
  "/batch-process/" + NOBODY + ":lane:0",
  "/.env",
  "/.git/config",
  "/wp-login.php",
  "/problems/..%2f..%2f",
  "/problems/%3Cscript%3E",
  "/\\evil.example",
  "/;/users",
  "/users;a=b",
  "/users#x",
  "/" + "a/".repeat(4000),
];

it.for(["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT"])(
  "%s of odd paths is answered",
  async (method, { expect }) => {
    for (const path of ODD_PATHS) {
      const body =
        method === "POST" || method === "PATCH" || method === "PUT" ? { body: "{}" } : {};
      const headers = { "Content-Type": "application/json" };
      if (method === "HEAD") continue;
      const { text } = await attack(path, { method, headers, ...body });
      expect(text).not.toContain("<script>");
    }
  },
);

it("Methods that are no method of ours are refused", async ({ expect }) => {
  for (const method of ["PUT", "PROPFIND", "PURGE", "get"]) {
    for (const path of ["/users", "/process-data", `/tasks/${NOBODY}`]) {
      const { status } = await attack(path, { method });
      // The runtime itself makes GET of `get`.
      expect(method === "get" ? [200, 404] : [405]).toContain(status);
    }
  }
});
