import { describe, it } from "vitest";
import { catalogue } from "../../../src/reference/catalogue";
import { FAMILIES } from "../../../src/domain/operations/registry";
import { allOperations } from "../../../src/reference/all-operations";
import { outputOf } from "./run-operation";

// The names that the API promises.
const PROMISED =
  "uppercase lowercase titlecase reverse trim collapse_whitespace normalize slugify truncate pad replace split length word_count base64_encode base64_decode url_encode url_decode html_escape html_unescape strip_html sha1 sha256 sha512 crc32 uuid json_parse json_stringify csv_parse pick omit rename select to_number round extract_emails extract_urls extract_numbers unique sort filter flatten chunk take skip sample shuffle count sum statistics histogram frequency group_by join".split(
    " ",
  );

describe("every operation does what its example shows", () => {
  it.for(allOperations.map((operation) => [operation.name, operation] as const))(
    "%s",
    async ([name, { example }], { expect }) => {
      const output = await outputOf({ name, ...example.parameters }, example.input);
      expect(output).toEqual(example.output);
    },
  );
});

it.for(Object.entries(FAMILIES))(
  "the family %s is loaded by the names of its operations",
  async ([, { names, load }], { expect }) => {
    const operations = await load();
    const defined = operations.map(({ name }) => name).toSorted();
    expect(names.split(" ").toSorted()).toEqual(defined);
  },
);

it("has every promised operation, and each name once", ({ expect }) => {
  const names = allOperations.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(PROMISED));
  expect(new Set(names).size).toBe(names.length);
});

it("the catalogue describes each operation in JSON, with bounds on every parameter", ({
  expect,
}) => {
  const entries = catalogue();
  expect(entries).toHaveLength(allOperations.length);
  expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
  const truncate = entries.find(({ name }) => name === "truncate");
  expect(truncate?.parameters).toEqual({
    type: "object",
    properties: {
      length: { type: "integer", minimum: 0, maximum: 10_000 },
      ellipsis: { type: "string", maxLength: 20, default: "…" },
    },
    required: ["length"],
    additionalProperties: false,
  });
  for (const { parameters } of entries) {
    for (const schema of Object.values(parameters.properties ?? {})) {
      const isOpenText = typeof schema === "object" && schema.type === "string" && !schema.enum;
      if (isOpenText) expect(schema).toHaveProperty("maxLength");
    }
  }
});
