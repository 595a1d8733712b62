// The document refuses what the routes refuse: bodies that a validator of JSON Schema must not let pass.
import { describe, it } from "vitest";
import { fitsSchema, openApi } from "../support/openapi";

const URL = "https://up.example/";

describe.each([
  ["ProcessDataRequest", { items: ["a"] }, [{ operation: "trim" }, { operations: ["trim"] }]],
  ["ExternalApiRequest", {}, [{ urls: [URL] }, { requests: [{ url: URL }] }]],
  ["CallRequest", {}, [{ url: URL }, { upstream: "github" }]],
])("%s", (name, common, alternatives) => {
  it("takes either, not both and not neither", ({ expect }) => {
    for (const one of alternatives) expect(fitsSchema(name, { ...common, ...one })).toBe(true);
    expect(fitsSchema(name, common)).toBe(false);
    expect(fitsSchema(name, Object.assign({}, common, ...alternatives))).toBe(false);
  });
});

it("Instants have their format, and lengths are characters", ({ expect }) => {
  const task = (fields: object) =>
    fitsSchema("CreateTaskRequest", { title: "Call Ada", ...fields });
  expect(task({ due_at: "2030-01-01T00:00:00Z" })).toBe(true);
  expect(task({ due_at: "tomorrow" })).toBe(false);
  expect(task({ title: "😀".repeat(200) })).toBe(true);
  expect(task({ title: "😀".repeat(201) })).toBe(false);
  expect(task({ title: "Ada\u202e" })).toBe(false);
  expect(task({ title: "\u3164" })).toBe(false);
  expect(task({ description: "a\nb" })).toBe(true);
  expect(task({ description: "a\u0000b" })).toBe(false);
});

it("The document holds nothing of ours that is no JSON Schema", ({ expect }) => {
  expect(JSON.stringify(openApi)).not.toMatch(/"(?:alsoInSchema|jsonSchema)"/);
});
