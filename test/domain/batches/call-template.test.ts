import { it } from "vitest";
import {
  fillTemplate,
  strayPaths,
  unknownColumns,
} from "../../../src/domain/batches/call-template";

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

it("A template that is a URL is filled like one", ({ expect }) => {
  expect(fillTemplate("https://a.example/{zip code}", row)).toBe("https://a.example/a%2Fb%3Fc");
});

it.for([
  ["..", "https://a.example/{id}", [""]],
  ["..", { url: "https://a.example/{id}?q=1" }, ["/url"]],
  [".", { path: "/a/{id}{id}/b" }, ["/path"]],
  [".", { path: "/a/%2e{id}#b" }, ["/path"]],
  [".", { url: "https://a.example/x{id}?q=/{id}#/{id}" }, []],
  ["..", { url: "https://a.example/v{id}/{id}x", json: "/{id}" }, []],
  ["", { path: "/{id}/a" }, []],
  ["%2e%2e", { path: "/{id}" }, []],
] as const)("A cell %j does not change the path of %j unseen", ([id, template, at], { expect }) => {
  expect(strayPaths(fillTemplate(template, { id }))).toEqual(at);
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
