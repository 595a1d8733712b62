// POST /batch-process with NDJSON and CSV: up to 100,000 items.
import * as v from "valibot";
import { describe, it } from "vitest";
import { BatchReply } from "../../../src/domain/batches/batch";
import { readBatch, readResults, texts } from "../../support/jobs";
import { expectProblem } from "../../support/problem";
import { fakeDns, readUser } from "../../support/users";
import { AUTHORIZATION, post, send } from "../../support/worker";
import { codeOf, outputOf } from "../../support/results";

const NDJSON = "application/x-ndjson";
const CSV = "text/csv";

/** A body with its operation in the query. */
function stream(
  type: string,
  query: Record<string, string>,
  body: BodyInit,
  caller: Record<string, string> = AUTHORIZATION,
): Promise<Response> {
  const headers = { "Content-Type": type, ...caller };
  return send(`/batch-process?${new URLSearchParams(query).toString()}`, {
    method: "POST",
    headers,
    body,
  });
}

async function accepted(response: Response) {
  const text = await response.text();
  if (response.status !== 202) throw new Error(text);
  return v.parse(BatchReply, JSON.parse(text));
}

const outputsOf = async (id: string) => (await readResults(id)).results.map(outputOf);

describe("NDJSON", () => {
  it("has an item on each line that is not blank", async ({ expect }) => {
    const body = '\uFEFF"a"\r\n\n  "b"  \n{"c":1}\n"d"';
    const { id, total } = await accepted(await stream(NDJSON, { operation: "uppercase" }, body));
    expect(total).toBe(4);
    const { results } = await readResults(id);
    expect(results.map((result) => outputOf(result) ?? codeOf(result))).toEqual([
      "A",
      "B",
      "wrong-type",
      "D",
    ]);
  });

  it("may hold 100,000 items", async ({ expect }) => {
    const body = texts(100_000)
      .map((text) => JSON.stringify(text))
      .join("\n");
    const { id } = await accepted(await stream(NDJSON, { operation: "uppercase" }, body));
    expect(await readBatch(id)).toMatchObject({
      status: "completed",
      total: 100_000,
      succeeded: 100_000,
    });
    const lines = await (
      await send(`/batch-process/${id}/results`, { headers: { Accept: NDJSON } })
    ).text();
    const results = lines.trimEnd().split("\n");
    expect(results).toHaveLength(100_000);
    const wrong = results.findIndex((line, index) => {
      const { index: at, output }: { index: number; output: string } = JSON.parse(line);
      return at !== index || output !== `ITEM ${index}`;
    });
    expect(wrong).toBe(-1);
  }, 30_000);

  it("may not hold more without a token", async ({ expect }) => {
    const body = "1\n".repeat(100_001);
    const response = await stream(NDJSON, { operation: "uppercase" }, body, {});
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toEqual([{ pointer: "#/items", line: 100_001, detail: "At most 100000 items" }]);
  });

  it("may not be larger than 10 MiB without a token", async ({ expect }) => {
    const body = `"${"x".repeat(1023)}"\n`.repeat(10_300);
    const response = await stream(NDJSON, { operation: "uppercase" }, body, {});
    await expectProblem(expect, response, "body-too-large");
  });

  it.for(["application/jsonl", "application/ndjson"])("is %s as well", async (type, { expect }) => {
    const { id } = await accepted(await stream(type, { operation: "uppercase" }, '"a"\n'));
    expect(await outputsOf(id)).toEqual(["A"]);
  });

  it("is refused with every line that cannot be read or taken", async ({ expect }) => {
    const deep = `${"[".repeat(300)}${"]".repeat(300)}`;
    const lines = ['"https://a.example/"', "{", deep, '"nope"', '"https://b.example/"'];
    const response = await stream(NDJSON, { operation: "external-api" }, lines.join("\n"));
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    expect(errors.map(({ pointer, line }) => [pointer, line])).toEqual([
      ["#/items/1", 2],
      ["#/items/2", 3],
      ["#/items/3", 4],
    ]);
  });

  it("must hold something, in UTF-8", async ({ expect }) => {
    await expectProblem(
      expect,
      await stream(NDJSON, { operation: "trim" }, "\n \n"),
      "invalid-body",
    );
    const latin1 = new Uint8Array([0x22, 0xe9, 0x22]);
    await expectProblem(
      expect,
      await stream(NDJSON, { operation: "trim" }, latin1),
      "malformed-json",
    );
  });
});

describe("CSV", () => {
  it("gives operations on texts the cells of a single column", async ({ expect }) => {
    const body = 'name\r\n"Ada, Countess"\r\ngrace\r\n"say ""hi"""\r\n';
    const { id } = await accepted(await stream(CSV, { operation: "uppercase" }, body));
    expect(await outputsOf(id)).toEqual(["ADA, COUNTESS", "GRACE", 'SAY "HI"']);
  });

  it("gives objects where there are more columns", async ({ expect }) => {
    const operation = JSON.stringify({ name: "select", expression: "b" });
    const { id } = await accepted(await stream(CSV, { operation }, "a,b\n1,x\n2,\n"));
    expect(await outputsOf(id)).toEqual(["x", null]);
  });

  it("is refused where two columns have one name", async ({ expect }) => {
    const response = await stream(CSV, { operation: "trim" }, "a,b,a\n1,2,3\n");
    const { errors } = await expectProblem(expect, response, "invalid-body");
    const detail = 'The column "a" stands twice';
    expect(errors).toEqual([{ pointer: "#/items", line: 1, detail }]);
  });

  it("may have as many columns as it likes, of names of their own", async ({ expect }) => {
    const header = Array.from({ length: 300_000 }, (_, column) => column.toString(36)).join(",");
    const response = await stream(CSV, { operation: "users" }, `${header}\nAda\n`);
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    expect(errors.map(({ line, pointer }) => [line, pointer])).toEqual([[1, "#/items/0"]]);
  });

  it("signs people up, ages being numbers and metadata JSON", async ({ expect }) => {
    fakeDns();
    const body =
      'name,email,age,metadata\nAda,csv-1@example.com,36,"{""team"":1}"\nGrace,csv-2@example.com,,\n';
    const { id } = await accepted(await stream(CSV, { operation: "users" }, body));
    const ids = (await outputsOf(id)).map((output) => String(Reflect.get(Object(output), "id")));
    expect(await Promise.all(ids.map(readUser))).toMatchObject([
      { name: "Ada", age: 36, metadata: { team: 1 } },
      { name: "Grace", age: null, metadata: {} },
    ]);
  });

  it("reads the times of a call as numbers, and its headers as JSON", async ({ expect }) => {
    const row = (timeout: number) => `https://a.example/,${timeout},"{""a"":""b""}"\n`;
    const body = `url,timeout_ms,headers\n${row(900)}${row(60_001)}`;
    const response = await stream(CSV, { operation: "external-api" }, body);
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([
      { pointer: "#/items/1/timeout_ms", detail: expect.stringContaining("60000") },
    ]);
  });

  it("is refused with every row that does not fit", async ({ expect }) => {
    const body =
      'name,email,age\nAda,csv@example.com,old\n"Grace\r\nHopper",csv@example.com\n\nHedy,nobody,1\n';
    const response = await stream(CSV, { operation: "users" }, body);
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    expect(errors.map(({ pointer, line }) => [pointer, line])).toEqual([
      ["#/items/0/age", 2],
      ["#/items/1", 3],
      ["#/items/2/email", 6],
    ]);
  });

  it("is refused where quotes do not end, or nothing is in it", async ({ expect }) => {
    for (const body of ['a\n"b', "", "a\n"])
      await expectProblem(expect, await stream(CSV, { operation: "trim" }, body), "invalid-body");
  });

  it("cannot be made to fill the disk with the name of a column", async ({ expect }) => {
    const body = `${"c".repeat(450_000)},b\n${"1,2\n".repeat(20_000)}`;
    const operation = JSON.stringify({ name: "select", expression: "b" });
    await expectProblem(expect, await stream(CSV, { operation }, body), "invalid-body");
  });
});

describe("the query", () => {
  it("holds the operation and the options", async ({ expect }) => {
    const query = {
      operation: JSON.stringify(["trim", { name: "truncate", length: 2 }]),
      concurrency: "2",
      max_attempts: "1",
      stop_after_failures: "1",
    };
    const { id, operation } = await accepted(await stream(NDJSON, query, '" abc "\n1'));
    expect(operation).toEqual(["trim", { name: "truncate", length: 2 }]);
    // Both were run before anyone looked at the failures.
    expect(await readBatch(id)).toMatchObject({ succeeded: 1, failed: 1 });
  });

  it.for(["operation", "concurrency", "max_attempts", "stop_after_failures", "notify", "import"])(
    "%s is refused with JSON, which says it in the body",
    async (name, { expect }) => {
      const body = { operation: "uppercase", items: ["a"] };
      const response = await post(`/batch-process?${name}=1`, body);
      const { detail } = await expectProblem(expect, response, "malformed-request");
      expect(detail).toContain(`"${name}"`);
    },
  );

  it.for([
    {},
    { operation: "nope" },
    { operation: "unique" },
    { operation: "[" },
    { operation: '{"name":"truncate"}' },
    { operation: "trim", concurrency: "49" },
    { operation: "trim", max_attempts: "0" },
    { operation: "trim", stop_after_failures: "x" },
  ])("%j is refused", async (query, { expect }) => {
    const response = await stream(NDJSON, query, "1");
    const { detail } = await expectProblem(expect, response, "malformed-request");
    expect(detail).toContain("Query parameter");
  });
});
