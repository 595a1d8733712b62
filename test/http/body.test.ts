import * as v from "valibot";
import { describe, it } from "vitest";
import { readBody } from "../../src/http/body";
import { DomainError } from "../../src/domain/errors";

/** Reads a body of at most 100 bytes, unless said otherwise. */
async function read(
  body: BodyInit | null,
  headers: Record<string, string> = {},
  { schema = v.unknown(), maxBytes = 100 }: { schema?: v.GenericSchema; maxBytes?: number } = {},
): Promise<unknown> {
  const all = { "Content-Type": "application/json", ...headers };
  const request = new Request("https://api.example/", { method: "POST", headers: all, body });
  return readBody(request, { schema, maxBytes, jsonTypes: ["application/json"], rawTypes: [] });
}

/** A body whose length is not told beforehand. */
function streamed(bytes: number): ReadableStream {
  const chunks = [`"${"x".repeat(40)}`, "x".repeat(bytes - 42), '"'];
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
}

describe("readBody", () => {
  it.for([
    "application/json",
    "APPLICATION/JSON",
    "application/json;charset=utf-8",
    'application/json; charset="UTF-8"',
    "application/json; charset=utf8",
    "application/json ; odata=verbose",
  ])("takes %s", async (type, { expect }) => {
    expect(await read("[1]", { "Content-Type": type })).toEqual([1]);
  });

  it.for([
    "",
    "application/jsonx",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=application/json",
    "application/json; charset=latin1",
  ])("does not take %j, which pages may send without a preflight", async (type, { expect }) => {
    const refused = read("[1]", { "Content-Type": type });
    await expect(refused).rejects.toMatchObject({ code: "unsupported-media-type" });
  });

  it.for([{}, { "Content-Length": "50" }, { "Content-Length": "60000" }])(
    "refuses one that breaks off, with %j",
    async (headers, { expect }) => {
      const broken = new ReadableStream({
        type: "bytes",
        start: (controller) => controller.enqueue(new TextEncoder().encode("[1,")),
        pull: (controller) => controller.error(new Error("Network connection lost.")),
      });
      const refused = read(broken, headers, { maxBytes: 100_000 });
      await expect(refused).rejects.toMatchObject({ code: "malformed-request" });
    },
  );

  it("takes no list for an object, not even where every field may be left out", async ({
    expect,
  }) => {
    const schema = v.strictObject({ name: v.optional(v.string()) });
    expect(await read("{}", {}, { schema })).toEqual({});
    for (const body of ["[]", '["x"]']) {
      await expect(read(body, {}, { schema })).rejects.toMatchObject({
        code: "invalid-body",
        options: { errors: [{ pointer: "#", detail: "Expected an object" }] },
      });
    }
  });

  it("drops a byte order mark", async ({ expect }) => {
    expect(await read("\ufeff[1]")).toEqual([1]);
  });

  it("reads up to the limit exactly, told beforehand or not", async ({ expect }) => {
    const text = `"${"x".repeat(98)}"`;
    expect(await read(text)).toHaveLength(98);
    expect(await read(streamed(100))).toHaveLength(98);
    await expect(read(`${text} `)).rejects.toMatchObject({ code: "body-too-large" });
    await expect(read(streamed(101))).rejects.toMatchObject({ code: "body-too-large" });
  });

  it("says that no body is no JSON", async ({ expect }) => {
    await expect(read(null)).rejects.toMatchObject({ code: "malformed-json" });
  });

  it("keeps a text with a NUL or a lone surrogate's escape", async ({ expect }) => {
    expect(await read(String.raw`"\u0000\ud800"`)).toBe("\0\ud800");
  });
});

/** The refusal of a value that does not fit the schema. */
async function refusal(schema: v.GenericSchema, value: unknown): Promise<DomainError> {
  const error: unknown = await read(JSON.stringify(value), {}, { schema, maxBytes: 1e6 }).catch(
    (thrown: unknown) => thrown,
  );
  if (error instanceof DomainError) return error;
  throw new Error("It was not refused");
}

describe("a body that does not fit", () => {
  it("is told all its faults with their pointers, at most 100 of them", async ({ expect }) => {
    const schema = v.array(v.number());
    const few = await refusal(schema, [1, "a", 2, "b"]);
    expect(few.code).toBe("invalid-body");
    expect(few.options.errors?.map(({ pointer }) => pointer)).toEqual(["#/1", "#/3"]);
    const many = await refusal(schema, Array<string>(250).fill("a"));
    expect(many.options.errors).toHaveLength(100);
    expect(many.message).toContain("More than 100 faults");
  });

  it("has no more than a little of it quoted", async ({ expect }) => {
    const { options } = await refusal(v.number(), "x".repeat(10_000));
    expect(options.errors?.[0]?.detail.length).toBeLessThanOrEqual(300);
  });

  it("is pointed to with # as a whole", async ({ expect }) => {
    const { options } = await refusal(v.number(), "a");
    expect(options.errors).toMatchObject([{ pointer: "#" }]);
  });
});
