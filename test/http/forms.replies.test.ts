// What a visitor's browser gets after a form: where it is led to, and the pages of refusals.
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import {
  FOR_A_PAGE,
  newest,
  pageAfter,
  SITE,
  submit,
  urlencoded,
  type Fields,
} from "../support/forms";
import { expectProblem } from "../support/problem";
import { fakeDns, freshEmail, restoreWorld, signUp } from "../support/users";

let lines: Record<string, unknown>[];

beforeEach(() => {
  fakeDns((name) =>
    name === "nowhere.example"
      ? { Status: 3 }
      : { Status: 0, Answer: [{ type: 15, data: "1 mx." }] },
  );
  lines = [];
  vi.spyOn(console, "log").mockImplementation((text: unknown) => {
    lines.push(JSON.parse(String(text)));
  });
});
afterEach(restoreWorld);

let count = 0;
/** A task that is like no other, so that it is no doubled submit. */
function task(fields: Record<string, string> = {}): Fields {
  count += 1;
  return { title: `Task ${count}`, ...fields };
}

/** Events in the log besides those of requests. */
const eventsIn = () => lines.flatMap(({ event }) => (typeof event === "string" ? [event] : []));

describe("_next", () => {
  it.for([
    ["https://site.example/thanks.html?a=b#c", "https://site.example/thanks.html?a=b#c"],
    ["https://a.pages.example/", "https://a.pages.example/"],
    ["/thanks.html", "https://site.example/thanks.html"],
    ["/a\\b", "https://site.example/a/b"],
    ["https://api.example/docs", "https://api.example/docs"],
    ["/merci\u00e9\r\nSet-Cookie: a=b", "https://site.example/merci%C3%A9Set-Cookie:%20a=b"],
    ["", "/thanks"],
  ] as const)("%s leads to %s", async ([_next, location], { expect }) => {
    const response = await submit("/tasks", urlencoded(task({ _next })));

    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe(location);
    expect(response.headers.get("Set-Cookie")).toBeNull();
    expect(response.headers.get("ETag")).toBeNull();
    expect(eventsIn()).toEqual([]);
  });

  it("is a path of the page's own origin, whichever are listed too", async ({ expect }) => {
    for (const Origin of [SITE, "https://a.pages.example", "https://api.example"]) {
      const form = urlencoded(task({ _next: "/done" }));
      const response = await submit("/tasks", form, { Origin });
      expect(response.headers.get("Location")).toBe(`${Origin}/done`);
    }
  });

  const ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "https:\\\\evil.example/",
    "\thttps://evil.example/",
    "https://site.example@evil.example/",
    "https://evil@site.example/",
    "https://site.example.evil.example/",
    "https://site.example:8443/",
    "http://site.example/",
    "https://xsite.example/",
    "https://pages.example/",
    "javascript:alert(1)//https://site.example/",
    "data:text/html,https://site.example",
    "blob:https://site.example/x",
    "filesystem:https://site.example/x",
    "view-source:https://site.example/",
    "thanks.html",
    "https://",
    "null",
    `https://site.example/${"x".repeat(2048)}`,
  ];

  it.for(ELSEWHERE)(
    "%s is ignored and logged, and the record is kept",
    async (_next, { expect }) => {
      const fields = task({ _next });
      const response = await submit("/tasks", urlencoded(fields));

      expect(response.status).toBe(303);
      expect(response.headers.get("Location")).toBe("/thanks");
      expect(eventsIn()).toEqual(["next-ignored"]);
      expect(JSON.stringify(lines)).not.toContain("evil");
      const [record] = await newest("tasks");
      expect(record).toMatchObject({ title: Object(fields).title, metadata: {} });
    },
  );

  it("goes nowhere by * alone", async ({ expect }) => {
    for (const next of [...ELSEWHERE, "https://any.example/", "/path"]) {
      const headers = { Origin: "https://any.example" };
      const vars = { ALLOWED_ORIGINS: "*" };
      const form = urlencoded(task({ _next: next }));
      const response = await submit("/tasks", form, headers, vars);
      expect(response.headers.get("Location")).toBe("/thanks");
    }
    const vars = { ALLOWED_ORIGINS: "*, https://site.example" };
    const response = await submit("/tasks", urlencoded(task({ _next: "/path" })), {}, vars);
    expect(response.headers.get("Location")).toBe("https://site.example/path");
  });
});

describe("the honeypot", () => {
  it("answers as ever, keeps nothing, and is counted in the log", async ({ expect }) => {
    const email = freshEmail();
    const usual = await submit("/tasks", urlencoded(task()));

    const response = await submit("/users", urlencoded({ name: "Bot", email, _gotcha: "x" }));

    expect(response.status).toBe(303);
    const names = (sent: Response) => [...sent.headers.keys()];
    expect(names(response)).toEqual(names(usual));
    expect(response.headers.get("Location")).toBe("/thanks");
    expect(eventsIn()).toEqual(["honeypot"]);
    expect(await newest("users", `email=${email}`)).toEqual([]);
  });

  it("leads a program on as it leads a person", async ({ expect }) => {
    const next = "https://site.example/thanks";
    const fields = { _gotcha: "x", _next: next, nonsense: "y" };
    const response = await submit("/tasks", urlencoded(fields));

    expect(response.headers.get("Location")).toBe(next);
  });

  it("lets people pass, for whom it is empty", async ({ expect }) => {
    const fields = task({ _gotcha: "" });
    expect((await submit("/tasks", urlencoded(fields))).status).toBe(303);
    expect((await newest("tasks"))[0]).toMatchObject({ title: Object(fields).title, metadata: {} });
  });
});

describe("a refusal", () => {
  it("is a page that names each field at fault, and leads back", async ({ expect }) => {
    const headers = { Referer: `${SITE}/join?a=1&b=2` };
    const { response, text } = await pageAfter("/users", { email: "nobody", age: "x" }, headers);

    expect(response.status).toBe(422);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(text).toContain('<html lang="en">');
    for (const name of ["name", "email", "age"]) expect(text).toContain(`<bdi>${name}</bdi>`);
    expect(text).toContain(`<a href="https://site.example/join?a=1&amp;b=2">Back to the page</a>`);
    expect(text).toContain(response.headers.get("Request-Id"));
  });

  it("is in the visitor's language", async ({ expect }) => {
    const { text } = await pageAfter(
      "/users",
      { name: "" },
      { "Accept-Language": "id-ID,id;q=0.9" },
    );

    expect(text).toContain('<html lang="id">');
    expect(text).toContain("Mohon periksa formulirnya");
    expect(text).not.toContain("Please");
  });

  it("does not lead back to where nobody may come from", async ({ expect }) => {
    for (const Referer of [
      "https://evil.example/",
      "javascript:alert(1)",
      "nonsense",
      `${SITE}.evil/`,
    ]) {
      const { text } = await pageAfter("/users", {}, { Referer });
      expect(text).not.toContain('href="http');
      expect(text).not.toContain("javascript");
    }
  });

  it.for([
    [401, {}, { PUBLIC_ENDPOINTS: "" }, "PUBLIC_ENDPOINTS"],
    [401, { Authorization: "Bearer wrong" }, {}, "not open"],
    [403, { Origin: "https://evil.example" }, {}, "ALLOWED_ORIGINS"],
    [403, { Origin: "null" }, {}, "Referrer-Policy: no-referrer"],
    [403, { Origin: "" }, {}, "Referrer-Policy: no-referrer"],
    [403, {}, { TURNSTILE_SECRET: "s3cr3t" }, "verify that a person"],
    [429, {}, { ANONYMOUS_DAILY: "items=0" }, "for today"],
    [
      429,
      {},
      { RATE_LIMIT: "on", RATE_LIMITER: { limit: () => ({ success: false }) } },
      "a minute",
    ],
    [500, {}, { THANKS: "\u0007" }, "Something went wrong here"],
  ] as const)("of %s is one too: %j, %j", async ([status, headers, vars, words], { expect }) => {
    const { response, text } = await pageAfter("/tasks", task(), headers, vars);

    expect(response.status).toBe(status);
    expect(text).toContain(words);
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
  });

  it("is one also for an encoding that cannot be read", async ({ expect }) => {
    const headers = { ...FOR_A_PAGE, "Content-Type": "text/plain" };
    const response = await submit("/tasks", "title=x", headers);

    expect(response.status).toBe(415);
    expect(await response.text()).toContain("multipart/form-data");
  });

  it("of an address that is taken, or that no mail reaches, is one", async ({ expect }) => {
    const email = freshEmail();
    await signUp(email);

    const taken = await pageAfter("/users", { name: "Ada", email });
    expect(taken.response.status).toBe(409);
    expect(taken.text).toContain("You are on the list already");

    const nowhere = await pageAfter("/users", { name: "Ada", email: "ada@nowhere.example" });
    expect(nowhere.response.status).toBe(422);
    expect(nowhere.text).toContain("<bdi>email</bdi></code>): What follows the @");
  });

  it("is a problem for whoever does not ask for a page, and for JSON", async ({ expect }) => {
    for (const Accept of ["*/*", "application/json", "text/html;q=0.5, application/problem+json"]) {
      const response = await submit("/users", urlencoded({}), { Accept });
      await expectProblem(expect, response, "invalid-body");
    }
    const json = { ...FOR_A_PAGE, "Content-Type": "application/json" };
    await expectProblem(expect, await submit("/users", "{}", json), "invalid-body");
  });
});
