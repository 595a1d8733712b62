// The JSON that parsers disagree about, sent to every route that takes a body.
import { beforeAll, describe, it } from "vitest";
import { attackWith, bodyRoutes, closeTheWayOut, GOOD_BODIES } from "./attack";
import { IS_JSON, NO_JSON, NOT_EXACT, TOO_MUCH, toBytes } from "./json-cases";

beforeAll(closeTheWayOut);

describe.each(bodyRoutes)("$method $path", ({ method, path }) => {
  it.for(Object.entries(NO_JSON))("refuses %s", async ([, text], { expect }) => {
    const { status, text: problem } = await attackWith(path, toBytes(text), { method });
    expect(status).toBe(400);
    expect(JSON.parse(problem)).toMatchObject({ code: "malformed-json" });
  });

  it.for(Object.entries(TOO_MUCH))("refuses %s", async ([, text], { expect }) => {
    const { status, text: problem } = await attackWith(path, text, { method });
    expect(status).toBe(413);
    expect(JSON.parse(problem)).toMatchObject({ code: "body-too-large" });
  });

  it.for(Object.entries(NOT_EXACT))("refuses %s, wherever it is", async ([, text], { expect }) => {
    for (const [body, pointer] of [
      [text, "#"],
      [`{"metadata":{"a/b":[0,${text}]}}`, "#/metadata/a~1b/1"],
    ] as const) {
      const { status, text: problem } = await attackWith(path, body, { method });
      expect(status).toBe(422);
      expect(JSON.parse(problem).errors[0]).toEqual({
        pointer,
        detail: "A number that a double cannot hold: send it as a string",
      });
    }
  });

  it.for(Object.entries(IS_JSON))("reads %s as JSON", async ([, { text }], { expect }) => {
    const { status, text: problem } = await attackWith(path, toBytes(text), { method });
    expect([404, 422], problem).toContain(status);
  });
});

it.for(Object.entries(IS_JSON))(
  "An item that is %s comes out as it went in",
  async ([, { text, becomes = text }], { expect }) => {
    const body = `{"items":[${text}],"operation":"json_stringify"}`;
    const { status, text: reply } = await attackWith("/process-data", body);
    const { processed_items }: { processed_items: unknown[] } = JSON.parse(reply);
    expect([status, processed_items]).toEqual([200, [becomes]]);
  },
);

/** A line of spaces or of byte order marks is an empty line, and a mark before a record is dropped. */
const NO_RECORDS = Object.entries(NO_JSON).filter(
  ([name]) => !/^(nothing|only spaces)|byte order marks?$/.test(name),
);

it.for(NO_RECORDS)(
  "A line of NDJSON that is %s is refused and starts nothing",
  async ([, text], { expect }) => {
    const line = toBytes(text);
    const body = new Uint8Array([...toBytes('"a"\n'), ...line, ...toBytes('\n"b"\n')]);
    const { status } = await attackWith("/batch-process?operation=trim", body, {
      headers: { "Content-Type": "application/x-ndjson" },
    });
    expect([400, 422]).toContain(status);
  },
);

it.for(Object.keys(GOOD_BODIES))(
  "A byte order mark before a body of %s is no fault",
  async (path, { expect }) => {
    const { status } = await attackWith(path, `\ufeff${JSON.stringify(GOOD_BODIES[path])}`);
    expect(status).toBeLessThan(300);
  },
);

it("A duplicate key counts once, the last time", async ({ expect }) => {
  const body = '{"items":["a"],"operation":"lowercase","items":["b"],"operation":"uppercase"}';
  const { text } = await attackWith("/process-data", body);
  expect(JSON.parse(text)).toMatchObject({ operation: "uppercase", processed_items: ["B"] });
});

it.for([257, 1000, 100_000])(
  "%i levels of nesting are refused, wherever they are",
  async (depth, { expect }) => {
    const deep = "[".repeat(depth) + "]".repeat(depth);
    const bodies = [
      ["/users", `{"name":"Ada","email":"a@example.com","metadata":{"a":${deep}}}`],
      ["/process-data", `{"items":[${deep}],"operation":"flatten"}`],
      ["/process-data", `{"items":[1],"operation":${deep}}`],
      [
        "/external-api",
        `{"requests":[{"url":"https://up.example","method":"POST","json":${deep}}]}`,
      ],
      ["/batch-process", `{"items":[${deep}],"operation":"json_stringify"}`],
    ] as const;
    for (const [path, body] of bodies) expect((await attackWith(path, body)).status).toBe(413);
  },
);

it.for(Object.entries(NOT_EXACT))(
  "%s in a line, a cell or a text of one's own is not changed either",
  async ([, number], { expect }) => {
    const lines = await attackWith(
      "/batch-process?operation=json_stringify",
      `1\n\n[{"a":${number}}]`,
      {
        headers: { "Content-Type": "application/x-ndjson" },
      },
    );
    expect(lines.status).toBe(422);
    expect(JSON.parse(lines.text).errors).toMatchObject([{ pointer: "#/items/1/0/a", line: 3 }]);
    const csv = `name,email,metadata\n"A\nB",a@example.com,\nC,c@example.com,"{""a"":${number}}"\n`;
    const rows = await attackWith("/batch-process?operation=users", csv, {
      headers: { "Content-Type": "text/csv" },
    });
    expect(rows.status).toBe(422);
    expect(JSON.parse(rows.text).errors).toContainEqual(
      expect.objectContaining({ pointer: "#/items/1/metadata/a", line: 4 }),
    );
    const operations = ["json_parse", "to_number"];
    const own = await attackWith("/process-data", JSON.stringify({ items: [number], operations }));
    expect(JSON.parse(own.text).results).toMatchObject([
      { errors: [{ code: "invalid-value" }] },
      { errors: [{ code: "invalid-value" }] },
    ]);
  },
);

it.for([300, 5000, 100_000])(
  "%i levels of nesting inside a text are one item's failure at most",
  async (depth, { expect }) => {
    const text = "[".repeat(depth) + "]".repeat(depth);
    const operations = ["json_parse", ["json_parse", "json_stringify"], ["json_parse", "flatten"]];
    const body = JSON.stringify({ items: [text], operations });
    const { status } = await attackWith("/process-data", body);
    expect(status).toBe(200);
  },
);
