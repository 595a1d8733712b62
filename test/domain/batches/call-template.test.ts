import { it } from "vitest";
import { fillTemplate, unknownColumns } from "../../../src/domain/batches/call-template";

const row = { City: "São Paulo", "zip code": "a/b?c" };

it("A template is filled with cells, percent-encoded where they become part of a URL", ({
  expect,
}) => {
  const template = {
    url: "https://a.example/{city}?zip={ ZIP code }",
    headers: { "X-City": "{City}" },
    json: { url: "{city}", list: ["{city}!", 1, null] },
  };
  expect(fillTemplate(template, row)).toEqual({
    url: "https://a.example/S%C3%A3o%20Paulo?zip=a%2Fb%3Fc",
    headers: { "X-City": "São Paulo" },
    json: { url: "São Paulo", list: ["São Paulo!", 1, null] },
  });
});

it("A template's doubled braces are braces, and lone ones are themselves", ({ expect }) => {
  const fill = (body: string) => fillTemplate({ body }, row);
  expect(fill("{{city}}")).toEqual({ body: "{city}" });
  expect(fill('{{"city": "{city}"}}')).toEqual({ body: '{"city": "São Paulo"}' });
  expect(fill("a } b {")).toEqual({ body: "a } b {" });
});

it("A template's columns have to be there", ({ expect }) => {
  const columns = Object.keys(row);
  expect(unknownColumns({ url: "{city}{town}", json: ["{zip}", "{{no}}"] }, columns)).toEqual([
    "town",
    "zip",
  ]);
});
