// What strangers write into the fields of a form stays text: on pages, in the log, and in exported files.
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, it, vi, type ExpectStatic } from "vitest";
import { pageAfter, submit, urlencoded } from "../support/forms";
import { fakeDns, read, restoreWorld } from "../support/users";
import { ATTACKS, CONTROLS, elementsIn, MARK } from "./texts";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

/** All that a page of ours may contain. */
const OURS = new Set([
  "html lang",
  "head",
  "meta charset",
  "meta name content",
  "title",
  "style",
  "body",
  "main",
  "h1",
  "p",
  "ul",
  "li",
  "strong",
  "code",
  "bdi",
  "small",
  "a href",
  "form method",
  "input type name value",
  "button name value",
]);

async function expectHarmless(expect: ExpectStatic, text: string): Promise<void> {
  const foreign = (await elementsIn(text)).filter((element) => !OURS.has(element));
  expect(foreign, text).toEqual([]);
  expect(text).not.toMatch(/href="(?!https?:|\/)/);
}

/** A form with the text in every field, as name and as value. */
function everywhere(text: string): (readonly [string, string])[] {
  return [
    ["name", text],
    ["email", text],
    ["title", text],
    ["age", text],
    ["description", text],
    ["_subject", text],
    ["_next", text],
    ["priority", text],
    ["notify", text],
    ["metadata", text],
    [text, text],
  ];
}

describe("a page", () => {
  it.for([...ATTACKS, ...CONTROLS])("of a refusal shows %j as text", async (text, { expect }) => {
    const headers = { Referer: `https://site.example/${text.replaceAll(/[^\x20-\x7e]/g, "")}` };
    for (const path of ["/users", "/tasks"]) {
      const page = await pageAfter(path, everywhere(text), headers);
      expect(page.response.status).toBe(422);
      await expectHarmless(expect, page.text);
    }
  });

  it.for([...ATTACKS, ...CONTROLS])("of a question shows %j as text", async (text, { expect }) => {
    const fields = { name: "Ada", email: `"${MARK} <b>"@gmial.com`, _next: text, [text]: text };
    const { response, text: page } = await pageAfter("/users", fields);
    expect(page).toContain("Did you mean");
    await expectHarmless(expect, page);
    expect(response.headers.get("Content-Security-Policy")).not.toContain("evil");
  });

  it("shows any text as text", async ({ expect }) => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom("<", ">", "'", '"', "&", "/", "!", "-", "=", "a", "`", "\0"),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (name, value) => {
        const fields = [...everywhere(value), [name, value] as const];
        const { text } = await pageAfter("/users", fields, { Referer: `https://site.example/` });
        await expectHarmless(expect, text);
        const question = { name: "Ada", email: "ada@gmial.com", [`x${name}`]: value };
        await expectHarmless(expect, (await pageAfter("/users", question)).text);
      }),
      { numRuns: 60 },
    );
  });
});

it.for([...ATTACKS, ...CONTROLS])(
  "the log has nothing of %j, and a line for each entry",
  async (text, { expect }) => {
    const lines: string[] = [];
    for (const level of ["log", "error", "warn"] as const)
      vi.spyOn(console, level).mockImplementation((line: unknown) => void lines.push(String(line)));
    await submit("/users", urlencoded(everywhere(text)));
    await submit("/tasks", urlencoded({ title: "Call", _next: text, [text]: text }));
    await submit("/tasks", urlencoded({ _gotcha: text, [text]: text }));

    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      expect(line).not.toContain(MARK);
      expect(line).not.toMatch(/[\r\n]/);
      expect(JSON.parse(line)).toHaveProperty("request_id");
    }
  },
);

/** The cells of a CSV file (RFC 4180), line by line. */
function cellsIn(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(
    /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/gy,
  )) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

it("an exported file has each text in its own cell, and no formula", async ({ expect }) => {
  for (const [index, text] of [...ATTACKS, ...CONTROLS].entries()) {
    const isLine = ATTACKS.includes(text);
    const fields = { name: isLine ? text : "Ada", email: `csv-${index}@example.com`, [text]: text };
    expect((await submit("/users", urlencoded(fields))).status).toBe(303);
  }
  const file = await (await read("/users?q=csv-", { Accept: "text/csv" })).arrayBuffer();
  const [head, ...rows] = cellsIn(new TextDecoder().decode(file));

  expect(rows).toHaveLength(ATTACKS.length + CONTROLS.length);
  for (const row of rows) {
    expect(row).toHaveLength(head?.length ?? 0);
    for (const cell of row) expect(cell).not.toMatch(/^\s*[=+\-@]/);
  }
});
