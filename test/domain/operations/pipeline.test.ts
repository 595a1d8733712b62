import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { describe, it } from "vitest";
import { faultsOf } from "../../../src/domain/errors";
import {
  isItemPipeline,
  Operation,
  Operations,
  OperationSource,
} from "../../../src/domain/operations";
import { DocumentedOperation } from "../../../src/reference/operations";
import { loadAllOperations } from "../../support/load-operations";

await loadAllOperations();

const Body = v.strictObject({ operation: Operation });

function told(operation: unknown): string[] {
  return faultsOf(v.safeParse(Body, { operation })).map(
    ({ pointer, detail }) => `${pointer.slice("#/".length).replaceAll("/", ".")}: ${detail}`,
  );
}

describe("an operation is read from", () => {
  it.for<[string, OperationSource, string[]]>([
    ["a name", "uppercase", ["uppercase"]],
    ["a name with parameters", { name: "truncate", length: 20 }, ["truncate"]],
    [
      "a pipeline",
      ["trim", { name: "split" }, "flatten", "count"],
      ["trim", "split", "flatten", "count"],
    ],
  ])("%s", ([, source, names], { expect }) => {
    const pipeline = v.parse(Operation, source);
    expect(pipeline.source).toEqual(source);
    expect(pipeline.steps.map(({ name }) => name)).toEqual(names);
  });
});

const NO_NAME =
  'An operation is a name, or an object with a name, as in {"name":"truncate","length":6}';

describe("a fault is reported once, where it is", () => {
  it.for<[string, unknown, string[]]>([
    [
      "an unknown name",
      "upercase",
      ['operation: Unknown operation "upercase": did you mean uppercase, lowercase?'],
    ],
    [
      "a name like no other",
      "x".repeat(1_000_000),
      [`operation: Unknown operation "${"x".repeat(40)}": GET /process-data?q= searches them`],
    ],
    [
      "an unknown name with parameters",
      { name: "trucate", length: 1 },
      ['operation.name: Unknown operation "trucate": did you mean truncate?'],
    ],
    [
      "a name without its parameters",
      "truncate",
      ['operation: "truncate" needs length, as in {"name":"truncate","length":6}'],
    ],
    [
      "a summary in the middle",
      ["count", "trim"],
      ['operation.0: "count" gives one value: it can only be the last step'],
    ],
    ["an operation that is none", 5, [`operation: ${NO_NAME}`]],
    [
      "a parameter that there is not",
      { name: "truncate", lenght: 6 },
      [
        "operation.length: Missing",
        'operation.lenght: Unknown field: "truncate" takes length, ellipsis',
      ],
    ],
    [
      "a parameter where there is none",
      { name: "sum", by: "price" },
      ['operation.by: Unknown field: "sum" takes no parameters'],
    ],
    ["an empty pipeline", [], ["operation: Invalid length: Expected >=1 but received 0"]],
    ["a pipeline in a pipeline", [["trim"]], [`operation.0: ${NO_NAME}`]],
    [
      "a pipeline that is too long",
      Array.from({ length: 1_000_000 }, () => "nope"),
      ["operation: A pipeline has at most 10 steps"],
    ],
    [
      "a broken locale",
      { name: "uppercase", locale: "not a locale" },
      ["operation.locale: Not a BCP 47 language tag"],
    ],
    [
      "a broken query",
      { name: "select", expression: "a." },
      ["operation.expression: Cannot parse the expression at character 3: more is expected"],
    ],
    [
      "a prototype's key",
      JSON.parse('{"name": "trim", "__proto__": "x"}'),
      ["operation.__proto__: Unknown field"],
    ],
    [
      "another prototype's key",
      { name: "trim", constructor: 1 },
      ["operation.constructor: Unknown field"],
    ],
    [
      "a list of new names",
      { name: "rename", fields: ["a"] },
      ["operation.fields: Expected an object"],
    ],
    [
      "a new name that is none",
      { name: "rename", fields: { a: "b", constructor: 5 } },
      ["operation.fields.constructor: Invalid type: Expected string but received 5"],
    ],
    [
      "a name that is too long to be renamed",
      { name: "rename", fields: { ["x".repeat(1_001)]: "b" } },
      [`operation.fields.${"x".repeat(1_001)}: A name has at most 1000 characters`],
    ],
    [
      "a short name like no other",
      "zzz",
      ['operation: Unknown operation "zzz": GET /process-data?q= searches them'],
    ],
    [
      "capitals",
      "UPPERCASE",
      ['operation: Unknown operation "UPPERCASE": did you mean uppercase, lowercase?'],
    ],
    [
      "the beginning of names",
      "base64",
      ['operation: Unknown operation "base64": did you mean base64_encode, base64_decode?'],
    ],
    ["a slip in a short name", "sun", ['operation: Unknown operation "sun": did you mean sum?']],
    [
      "a hundred thousand parameters",
      { ...Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [n, n])), name: "trim" },
      ["operation: An operation has at most 20 parameters"],
    ],
    ["an object without a name", {}, [`operation: ${NO_NAME}`]],
    [
      "a prototype as a name",
      "__proto__",
      ['operation: Unknown operation "__proto__": GET /process-data?q= searches them'],
    ],
  ])("%s", ([, operation, faults], { expect }) => {
    expect(told(operation)).toEqual(faults);
  });

  it("all at once, each by its path", ({ expect }) => {
    const faults = told([
      { name: "truncate", length: -1, ellipsis: 5 },
      "nope",
      { name: "pad", length: 1, width: 2, wide: 3 },
      "trim",
    ]);
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "operation.0.length",
      "operation.0.ellipsis",
      "operation.1",
      "operation.2.width",
      "operation.2.wide",
    ]);
  });
});

describe("a parameter over its bound is refused", () => {
  it.for<OperationSource>([
    { name: "pad", length: 1_000_000_000 },
    { name: "pad", length: 10, with: "x".repeat(21) },
    { name: "pad", length: 10, with: "" },
    { name: "truncate", length: 1.5 },
    { name: "replace", search: "", replacement: "x" },
    { name: "replace", search: "a", replacement: "x".repeat(1_001) },
    { name: "chunk", size: 0 },
    { name: "flatten", depth: 11 },
    { name: "take", count: -1 },
    { name: "sample", count: 10_001 },
    { name: "histogram", bins: 1_000_000 },
    { name: "statistics", quantiles: [1.5] },
    { name: "pick", fields: [] },
    { name: "rename", fields: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, "x"])) },
    { name: "select", expression: "a".repeat(1_001) },
    { name: "uuid", version: 5, namespace: "nope" },
  ])("%j", (operation, { expect }) => {
    expect(told(operation)).toHaveLength(1);
  });
});

it("up to ten operations are read together, with their faults in place", ({ expect }) => {
  const Many = v.strictObject({ operations: Operations });
  const parsed = v.parse(Many, { operations: ["trim", ["trim", "count"]] });
  expect(parsed.operations.map(({ steps }) => steps.length)).toEqual([1, 2]);
  const { issues = [] } = v.safeParse(Many, { operations: ["trim", ["trim", "nope"]] });
  expect(issues.map((issue) => v.getDotPath(issue))).toEqual(["operations.1.1"]);
  expect(v.safeParse(Operations, []).success).toBe(false);
  expect(
    v.safeParse(
      Operations,
      Array.from({ length: 11 }, () => "trim"),
    ).success,
  ).toBe(false);
});

it("only pipelines of item operations can run in a batch", ({ expect }) => {
  expect(isItemPipeline(v.parse(Operation, ["trim", "sha256"]))).toBe(true);
  expect(isItemPipeline(v.parse(Operation, ["trim", "unique"]))).toBe(false);
  expect(isItemPipeline(v.parse(Operation, "count"))).toBe(false);
});

it("the documentation names every operation, and takes what can be read", ({ expect }) => {
  const config = { typeMode: "input", target: "draft-2020-12", errorMode: "ignore" } as const;
  const written = JSON.stringify(toJsonSchema(DocumentedOperation, config));
  for (const name of ["uppercase", "truncate", "group_by"]) expect(written).toContain(`"${name}"`);
  expect(JSON.stringify(toJsonSchema(Operations, config))).toContain('"maxItems":10');
  for (const source of ["trim", ["trim", { name: "truncate", length: 3 }]]) {
    expect(v.is(DocumentedOperation, source)).toBe(true);
    expect(v.is(OperationSource, source)).toBe(true);
  }
  expect(v.is(DocumentedOperation, "truncate")).toBe(false);
});
