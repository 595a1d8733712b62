// An address that looks misspelt: a visitor is asked which one is right before anything is made.
import { afterEach, beforeEach, describe, it } from "vitest";
import { newest, pageAfter, submit, urlencoded } from "../support/forms";
import { expectProblem } from "../support/problem";
import { fakeDns, restoreWorld } from "../support/users";
import { send } from "../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

describe("an address that looks misspelt", () => {
  const misspelt = { name: "Ada", email: "ada@gmial.com", _next: "/done", topic: "<b>" };

  /** The buttons and hidden fields of the question, by name. */
  function answersIn(text: string): Map<string, string> {
    const found = text.matchAll(/<(?:input type="hidden"|button) name="([^"]+)" value="([^"]*)"/g);
    return new Map(Array.from(found, ([, name = "", value = ""]) => [name, value]));
  }

  it("is asked about before anything is made", async ({ expect }) => {
    const { response, text } = await pageAfter("/users", misspelt);

    expect(response.status).toBe(422);
    expect(text).toContain("<h1>Did you mean ada@gmail.com?</h1>");
    expect(response.headers.get("Content-Security-Policy")).toContain(
      "form-action 'self' https://site.example;",
    );
    expect(answersIn(text)).toEqual(
      new Map([
        ["name", "Ada"],
        ["topic", "&lt;b&gt;"],
        ["_next", "https://site.example/done"],
        ["email", "ada@gmail.com"],
        ["_email", "ada@gmial.com"],
      ]),
    );
    expect(await newest("users", "email=ada@gmial.com")).toEqual([]);
  });

  it.for(["email", "_email"])("makes one user by either answer: %s", async (name, { expect }) => {
    const { text } = await pageAfter("/users", misspelt);
    const answers = answersIn(text);
    const email = answers.get(name) ?? "";
    answers.delete(name === "email" ? "_email" : "email");

    const { response } = await pageAfter("/users", [...answers], { Origin: "https://api.example" });

    expect(response.status).toBe(303);
    expect(response.headers.get("Location")).toBe("https://site.example/done");
    expect(await newest("users", `email=${email}`)).toHaveLength(1);
    expect(await newest("users", "email=ada@gmial.com")).toHaveLength(name === "email" ? 0 : 1);
  });

  it("is taken where nobody can be asked, unless the caller wants doubts refused", async ({
    expect,
  }) => {
    const refused = await send("/users", {
      method: "POST",
      headers: { "Content-Type": "application/json", Prefer: "respond-async, handling=strict" },
      body: JSON.stringify({ name: "Bob", email: "bob@gmial.com" }),
    });
    const problem = await expectProblem(expect, refused, "undeliverable-email");
    expect(problem.errors).toMatchObject([{ pointer: "#/email" }]);
    expect(await newest("users", "email=bob@gmial.com")).toEqual([]);

    const fields = { name: "Bob", email: "bob@gmial.com" };
    expect((await submit("/users", urlencoded(fields))).status).toBe(303);
    const [user] = await newest("users", "email=bob@gmial.com");
    expect(user?.email_check).toMatchObject({ verdict: "risky", suggestion: "bob@gmail.com" });
  });

  it("is not asked about where the owner allows its domain", async ({ expect }) => {
    const fields = { name: "Eve", email: "eve@gmial.com" };
    const asked = await pageAfter("/users", fields);
    expect(asked.response.status).toBe(422);

    const vars = { EMAIL_DOMAINS: '{"allow": ["gmial.com"]}' };
    const { response } = await pageAfter("/users", fields, {}, vars);

    expect(response.status).toBe(303);
  });
});
