// Files as people have them: each becomes the right items, or one refusal that says what to do.
import { describe, it } from "vitest";
import { expectProblem } from "../../support/problem";
import { fakeUpstreams, startBatch } from "../../support/jobs";
import { AUTHORIZATION, send } from "../../support/worker";

const MARK = "\ufeff";

function upload(body: BodyInit, query: Record<string, string> = {}, type = "text/csv") {
  const parameters = new URLSearchParams({ operation: "json_stringify", ...query });
  return send(`/batch-process?${parameters.toString()}`, {
    method: "POST",
    headers: { "Content-Type": type, Prefer: "wait=10", ...AUTHORIZATION },
    body,
  });
}

/** The items that a file becomes, as an operation sees them. */
async function itemsOf(body: BodyInit, query?: Record<string, string>, type?: string) {
  const response = await upload(body, query, type);
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const { results }: { results: { output: string }[] } = JSON.parse(text);
  return results.map(({ output }): unknown => JSON.parse(output));
}

const PEOPLE = [
  { Name: "Ada", "E-Mail": "ada@example.com", Betrag: "3,50" },
  { Name: "Jörg; Groß", "E-Mail": "joerg@example.com" },
];

describe("a file becomes its items", () => {
  it.for([
    [
      "Excel's, in English",
      `${MARK}Name,E-Mail,Betrag\r\nAda,ada@example.com,"3,50"\r\nJörg; Groß,joerg@example.com,\r\n`,
    ],
    [
      "Excel's, in German",
      `${MARK}Name;E-Mail;Betrag\r\nAda;ada@example.com;3,50\r\n"Jörg; Groß";joerg@example.com;\r\n;;\r\n`,
    ],
    [
      "Excel's, in French, with its first line",
      'sep=;\r\nName;E-Mail;Betrag\r\nAda;ada@example.com;3,50\r\n"Jörg; Groß";joerg@example.com;\r\n',
    ],
    ["Sheets'", 'Name,E-Mail,Betrag\nAda,ada@example.com,"3,50"\nJörg; Groß,joerg@example.com,'],
    [
      "a database's",
      '"Name"|"E-Mail"|"Betrag"\n"Ada"|"ada@example.com"|"3,50"\n"Jörg; Groß"|"joerg@example.com"|""\n',
    ],
    [
      "tabs from the clipboard",
      "Name\tE-Mail\tBetrag\nAda\tada@example.com\t3,50\nJörg; Groß\tjoerg@example.com\t\n",
    ],
    [
      "an old Mac's",
      'Name,E-Mail,Betrag\rAda,ada@example.com,"3,50"\rJörg; Groß,joerg@example.com,\r',
    ],
    [
      "with an empty column at its end",
      "Name;E-Mail;Betrag;\nAda;ada@example.com;3,50;\nJörg, Groß;joerg@example.com;;\n".replace(
        "Jörg, Groß",
        '"Jörg; Groß"',
      ),
    ],
  ] as const)("%s", async ([, body], { expect }) => {
    expect(await itemsOf(body)).toEqual(PEOPLE);
  });

  it("of one column, with line breaks, quotes and what other files separate by", async ({
    expect,
  }) => {
    const body = 'text\n"first\r\nsecond"\n5" pipe\n"a;b, c"\nx;y|z\n""\n';
    expect(await itemsOf(body)).toEqual(["first\r\nsecond", '5" pipe', "a;b, c", "x;y|z", ""]);
  });

  it("of twenty columns", async ({ expect }) => {
    const columns = Array.from({ length: 20 }, (_, n) => `c${n}`);
    const body = `${columns.join(";")}\n${columns.map((name) => `${name}!`).join(";")}\n`;
    expect(await itemsOf(body)).toEqual([Object.fromEntries(columns.map((c) => [c, `${c}!`]))]);
  });

  it("without a first line of names: texts, or lists", async ({ expect }) => {
    expect(await itemsOf("a;1\nb;2\n", { header: "absent" })).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(await itemsOf("a\nb\n", {}, "text/csv; header=absent")).toEqual(["a", "b"]);
    expect(await itemsOf("a,b\n", { header: "absent", delimiter: ";" })).toEqual(["a,b"]);
  });

  it("whose delimiter is given", async ({ expect }) => {
    expect(await itemsOf("a;b,c\n1;2,3\n", { delimiter: "," })).toEqual([{ "a;b": "1;2", c: "3" }]);
    expect(await itemsOf("a\tb\n1\t2\n", { delimiter: "tab" })).toEqual([{ a: "1", b: "2" }]);
  });
});

describe("cells get the types of their fields", () => {
  async function faultsOf(body: string, operation: string) {
    const response = await upload(body, { operation });
    const { errors }: { errors: { line: number; pointer: string; detail: string }[] } =
      await response.json();
    return errors.map(({ line, detail, pointer }) => [line, pointer, detail] as const);
  }

  it("whatever the case of their columns, and null where a field may be", async ({ expect }) => {
    const body = " TITLE ;Priority; Due_At \nCall;high;null\n";
    const response = await upload(body, { operation: "tasks" });
    expect(response.status).toBe(200);
  });

  it("or are refused with their line", async ({ expect }) => {
    const body =
      'url,method,json\nhttps://a.example/,POST,"{""a"":1}"\nhttps://a.example/,POST,"{""a"":"\nhttps://a.example/,POST,hello\n';
    const faults = await faultsOf(body, "external-api");
    expect(faults).toEqual([
      [3, "#/items/1/json", expect.stringContaining("Not JSON")],
      [4, "#/items/2/json", expect.stringContaining("Not JSON")],
    ]);
  });

  it("a number too long for a double is one", async ({ expect }) => {
    const body = 'title,metadata\nA,"{""id"":9007199254740993}"\n';
    expect(await faultsOf(body, "tasks")).toEqual([
      [2, "#/items/0/metadata/id", expect.stringContaining("send it as a string")],
    ]);
  });
});

describe("a file is refused with what to do", () => {
  it.for([
    ["empty", "", "No items"],
    ["of names alone", "a,b\n", "No items"],
    ["ragged", "a,b\n1,2\n1\n1,2,3\n", "quote a cell"],
    ["with a quote that is not closed", 'a,b\n1,"2\n3,4\n', "not closed"],
    ["with text after a quote", 'a,b\n"1" 2,3\n', 'write "" for "'],
    ["with a value under no name", "a,\n1,2\n", "under no name"],
  ] as const)("%s", async ([, body, hint], { expect }) => {
    const { errors = [] } = await expectProblem(expect, await upload(body), "invalid-body");
    expect(errors[0]?.detail).toContain(hint);
  });

  it("with columns that are no fields", async ({ expect }) => {
    const response = await upload("name;mail\nAda;a@example.com\n", { operation: "users" });
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toEqual([
      {
        pointer: "#/items",
        line: 1,
        detail: 'The column "mail" is none of name, email, age, metadata',
      },
    ]);
  });

  it.for([
    ["Latin 1", new Uint8Array([0x61, 0x0a, 0xe9, 0x0a])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00])],
    ["a character cut off", new Uint8Array([0x61, 0x0a, 0xc3])],
  ] as const)("in %s", async ([, body], { expect }) => {
    const { detail } = await expectProblem(expect, await upload(body), "malformed-json");
    expect(detail).toContain("CSV UTF-8");
  });
});

describe("items have ids", () => {
  it("of a column, which is no part of the item", async ({ expect }) => {
    expect(await itemsOf("Item_ID,text\na,x\nb,y\n")).toEqual(["x", "y"]);
  });

  it("of what stands beside them, in lines and in JSON", async ({ expect }) => {
    const lines = '{"id":"a","item":"x"}\n{"id":7,"item":{"y":1}}\n';
    expect(await itemsOf(lines, {}, "application/jsonl")).toEqual(["x", { y: 1 }]);
    // Columns are none of these.
    expect(await itemsOf("id,item\n1,x\n1,y\n")).toEqual([
      { id: "1", item: "x" },
      { id: "1", item: "y" },
    ]);
    const items = [{ id: "\u{1f600}".repeat(200), item: "x" }, { id: "b" }];
    const { total } = await startBatch({ operation: "json_stringify", items });
    expect(total).toBe(2);
  });

  it("which are unique, and not empty", async ({ expect }) => {
    const body = "item_id,text\na,x\nb,y\na,z\n,w\n";
    const { errors = [] } = await expectProblem(expect, await upload(body), "invalid-body");
    expect(errors.map(({ line, pointer }) => [line, pointer])).toEqual([
      [4, "#/items/2/id"],
      [5, "#/items/3/id"],
    ]);
  });
});

describe("a template makes the call of each row", () => {
  const query = (template: unknown) => ({
    operation: "external-api",
    template: JSON.stringify(template),
  });

  it("and names columns that there are", async ({ expect }) => {
    const template = { url: "https://a.example/{town}" };
    const response = await upload("city\nParis\n", query(template));
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([{ line: 1, detail: expect.stringContaining("{town}") }]);
  });

  it("which is checked for every row", async ({ expect }) => {
    const template = { url: "https://a.example/", method: "{method}" };
    const response = await upload("method\nGET\nFETCH\n", query(template));
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([{ line: 3, pointer: "#/items/1/method" }]);
  });

  it("whose path it cannot change", async ({ expect }) => {
    const template = { url: "https://a.example/users/{id}?of={town}", method: "DELETE" };
    const rows = "id,town\n1,..\n..,Paris\n.,Rome\n";
    const { errors } = await expectProblem(
      expect,
      await upload(rows, query(template)),
      "invalid-body",
    );
    expect(errors).toMatchObject([
      { line: 3, pointer: "#/items/1/url" },
      { line: 4, pointer: "#/items/2/url" },
    ]);
  });

  it.for([
    [{ operation: "uppercase", template: "{}" }, "text/csv"],
    [{ operation: "external-api", template: "{" }, "text/csv"],
    [{ operation: "external-api", template: "{}" }, "application/jsonl"],
    [{ delimiter: "," }, "application/jsonl"],
    [{ delimiter: "x" }, "text/csv"],
    [{ header: "no" }, "text/csv"],
  ] as const)("%j is refused with %s", async ([parameters, type], { expect }) => {
    await expectProblem(expect, await upload("a\n1\n", parameters, type), "malformed-request");
  });
});

it("A template's calls are made with the cells of their rows", async ({ expect }) => {
  const fetched = fakeUpstreams(({ url }) => Response.json({ at: url.pathname }));
  const template = {
    url: "https://up.example/{id}/{item}?n={item_id}",
    method: "PUT",
    json: ["{ITEM}"],
  };
  const query = { operation: "external-api", template: JSON.stringify(template) };
  const response = await upload("item_id;id;item\n7;1;São Paulo\n8;1;\n", query);
  const { results }: { results: { output: { body: unknown } }[] } = await response.json();
  expect(results.map(({ output }) => output.body)).toEqual([
    { at: "/1/S%C3%A3o%20Paulo" },
    { at: "/1/" },
  ]);
  const bodies = fetched.mock.calls.map(([, init]) => init?.body);
  expect(bodies).toEqual(expect.arrayContaining(['[""]', '["São Paulo"]']));
  fetched.mockRestore();
});
