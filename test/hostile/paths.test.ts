// Cursors and paths that no honest client sends: nobody sees what is not theirs.
import { beforeAll, describe, it } from "vitest";
import { signUp } from "../support/users";
import { attack, attackWith, closeTheWayOut, NOBODY } from "./attack";

beforeAll(closeTheWayOut);

const base64Url = (text: string) =>
  btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

describe("A forged cursor", () => {
  let batchId = "";
  beforeAll(async () => {
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
  "/notifications/" + NOBODY + ".x/resend",
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
