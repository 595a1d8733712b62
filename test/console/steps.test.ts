// From a form's values to the operation that is sent.
import { it } from "vitest";
import { createStep, missingParameters, toOperation } from "../../src/console/steps";
import { catalogue } from "../../src/reference/catalogue";

const operations = catalogue().map(({ parameters, example, keywords, ...rest }) =>
  Object.assign(rest, {
    parameters: { ...parameters },
    example: { ...example, input: [...example.input] },
    keywords: [...keywords],
  }),
);

it.for([
  [[createStep("trim")], "trim"],
  [
    [createStep("trim"), createStep("unique")],
    ["trim", "unique"],
  ],
  [[createStep("truncate", { length: 4 })], { name: "truncate", length: 4 }],
  [[createStep("truncate", { length: "four" })], { name: "truncate", length: "four" }],
  [[createStep("truncate", { length: "" })], "truncate"],
  [[createStep("uuid", { version: "5" })], { name: "uuid", version: 5 }],
  [[createStep("pick", { fields: ["a", "b"] })], { name: "pick", fields: ["a", "b"] }],
  [[createStep("rename", { fields: { a: "b" } })], { name: "rename", fields: { a: "b" } }],
  [
    [createStep("url_decode", { plus_is_space: true })],
    { name: "url_decode", plus_is_space: true },
  ],
  [[createStep("statistics", { quantiles: [0.5] })], { name: "statistics", quantiles: [0.5] }],
] as const)("the form of %j stands for %j", ([steps, operation], { expect }) => {
  expect(toOperation(steps, operations)).toEqual(operation);
});

it("the form of every example stands for that example", ({ expect }) => {
  for (const { name, example } of catalogue()) {
    const { operation } = example;
    const { name: _, ...parameters } = typeof operation === "string" ? { name } : operation;
    expect(toOperation([createStep(name, parameters)], operations)).toEqual(operation);
  }
});

it("what a step needs is missing until it is filled in", ({ expect }) => {
  const steps = [createStep("trim"), createStep("pad", { with: "-" })];

  expect(missingParameters(steps, operations)).toEqual([{ place: 2, name: "length" }]);
  expect(missingParameters([createStep("pad", { length: 0 })], operations)).toEqual([]);
});
