// Calls as others would write them.
import { describe, it } from "vitest";
import { longBody, toClientCode, toCode, toCurl } from "../../src/console/snippets";

const ORIGIN = "https://api.example";

describe("toCurl", () => {
  it("names method, headers and body, and leaves the token to the shell", ({ expect }) => {
    const call = { method: "POST", path: "/users", body: { name: "Ada" } } as const;

    expect(toCurl(call, ORIGIN, true)).toBe(
      [
        "curl -X POST 'https://api.example/users' \\",
        '  -H "Authorization: Bearer $TOKEN" \\',
        "  -H 'Content-Type: application/json' \\",
        `  --data-raw '{"name":"Ada"}'`,
      ].join("\n"),
    );
  });

  it("keeps a quote in the body from ending the shell's quote", ({ expect }) => {
    const call = { method: "POST", path: "/tasks", body: { title: "Ada's $(paper)" } } as const;

    expect(toCurl(call, ORIGIN, false)).toContain(
      String.raw`--data-raw '{"title":"Ada'\''s $(paper)"}'`,
    );
  });

  it("leaves a long body to a file, and says where that is from", ({ expect }) => {
    const items = Array.from({ length: 1000 }, (_, index) => index);
    const call = { method: "POST", path: "/batch-process", body: { items } } as const;

    const curl = toCurl(call, ORIGIN, false);

    expect(curl).toMatch(/^# body\.json is what the button above saves/);
    expect(curl).toContain("--data-binary @body.json");
    expect(curl.length).toBeLessThan(250);
    expect(longBody(call)).toEqual({ name: "body.json", text: JSON.stringify({ items }) });
    expect(longBody({ ...call, body: { items: [1] } })).toBeNull();
  });
});

describe("toCode", () => {
  it.for([
    [{ name: "Ada", "x-y": [1, true, null] }, '{ name: "Ada", "x-y": [1, true, null] }'],
    [{}, "{}"],
    ["text", '"text"'],
  ] as const)("writes %j on one line", ([value, code], { expect }) => {
    expect(toCode(value)).toBe(code);
  });

  it("breaks what is long, and shows the beginning of a long list", ({ expect }) => {
    const items = Array.from({ length: 200 }, (_, index) => `item ${index}`);

    expect(toCode({ operation: "trim", items })).toBe(
      `{
  operation: "trim",
  items: [
    "item 0",
    "item 1",
    "item 2",
    // and 197 more
  ],
}`,
    );
  });
});

it("toClientCode never holds the token itself", ({ expect }) => {
  const code = toClientCode("await client.operations();", ORIGIN, true);

  expect(code).toContain('import { createClient } from "https://api.example/client.js";');
  expect(code).toContain('token: "YOUR_TOKEN"');
});
