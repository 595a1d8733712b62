import fc from "fast-check";
import { describe, it } from "vitest";
import { splitJson } from "../../src/lib/json-list";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The document put together again; null where there is no list to set apart. */
function joined(text: string): unknown {
  const split = splitJson(bytesOf(text), "items");
  if (split === null) return null;
  return { ...Object(JSON.parse(split.rest)), items: [...split.list] };
}

describe("splitJson", () => {
  it.for([
    '{"items":[]}',
    '{"items":[ \n\t]}',
    '{"items":[1]}',
    ' { "items" : [ 1 , [2,3] , {"items":[4]} , "a,]}\\"" , null ] , "b" : 2 } ',
    '{"a":{"items":[1]},"b":[[],{}],"items":["x"]}',
    '{"it\\u0065ms":["escaped"]}',
    '{"items":[1],"items":["later"]}',
    '{"items":[1],"items":[]}',
    '{"items":1,"items":["later"]}',
    '{"items":["\u0436","\ud83d\ude00"],"items2":["no"]}',
    '{"items":[0.5,-1e3,true,false]}',
  ])("sets the elements of %s apart", (text, { expect }) => {
    expect(joined(text)).toEqual(JSON.parse(text));
  });

  it.for([
    '{"items":1}',
    '{"items":[1],"items":2}',
    '{"items":{"a":[1]}}',
    '{"a":["items",[1]]}',
    '{"a":"items","b":[1]}',
    '["items",[1]]',
    '[{"items":[1]}]',
    "1",
    "",
    '{"items":[1',
    '{"items":[1}',
    '{"items":["',
  ])("finds no list in %s", (text, { expect }) => {
    expect(joined(text)).toBeNull();
  });

  it.for([
    '{"items":[1,]}',
    '{"items":[\v]}',
    '{"items":[,1]}',
    '{"items":[1,,2]}',
    '{"items":[1 2]}',
    '{"items":[[1}]}',
    '{"items":[nul]}',
    '{"items":[1]]}',
    '{"items":[1]} x',
    '{"items":[1],}',
    '{"items" [1]}',
    '{"items":[1]',
  ])("lets nothing pass for JSON that is none: %s", (text, { expect }) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => {
      if (joined(text) === null) JSON.parse(text);
    }).toThrow();
  });

  it("drops a byte order mark before the document, and none within", ({ expect }) => {
    expect(joined('\ufeff{"items":[1]}')).toEqual({ items: [1] });
    expect(() => joined('{"items":[\ufeff1]}')).toThrow();
    expect(() => joined('\ufeff\ufeff{"items":[1]}')).toThrow();
  });

  it("agrees with the parser about any document", ({ expect }) => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const document = fc.record({ items: fc.array(value), a: value, more: value });
    fc.assert(
      fc.property(document, fc.boolean(), (given, isIndented) => {
        const text = JSON.stringify(given, null, isIndented ? 2 : undefined);
        expect(joined(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 100 },
    );
  });

  it("agrees with the parser about any damage to a document", ({ expect }) => {
    const damage = fc.constantFrom("[", "]", "{", "}", ",", ":", '"', "\\", " ", "1", "a");
    const text = '{"a":[1,{"b":2}],"items":[{"c":["d,]"]},2,"x"],"e":null}';
    fc.assert(
      fc.property(fc.nat(text.length), damage, fc.boolean(), (at, piece, isInserted) => {
        const given = text.slice(0, at) + piece + text.slice(isInserted ? at : at + 1);
        const parse = (read: () => unknown) => {
          try {
            return { value: read() };
          } catch {
            return "malformed";
          }
        };
        const whole = parse(() => JSON.parse(given) as unknown);
        const parts = parse(() => joined(given) ?? JSON.parse(given));
        expect(parts).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a long text", () => {
  const LONG = 70_000;
  const listOf = (...elements: readonly string[]) => {
    const split = splitJson(bytesOf(`{"items":[${elements.join(",")}]}`), "items");
    if (split === null) throw new Error("No list");
    return split.list;
  };
  const written = (json: string | { readonly bytes: Uint8Array; readonly length: number }) =>
    typeof json === "string" ? json : new TextDecoder().decode(json.bytes);

  it("stays in its bytes, with the length that its JSON has", ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const json = JSON.stringify(text.repeat(Math.ceil(LONG / text.length)));
        const list = listOf(` \n${json} `, "1");
        for (const _ of list.verify());
        const [read] = list.objects(Infinity);
        expect(read).toBeNull();
        expect(typeof list.json).toBe("object");
        expect(written(list.json)).toBe(json);
        expect(list.json).toHaveLength(json.length);
        expect([...list]).toEqual([JSON.parse(json), 1]);
      }),
      { numRuns: 30 },
    );
  });

  it.for(["\\x", "\\u12g4", "\n", '" "'])("with %j in it is no JSON", (part, { expect }) => {
    const list = listOf(`"${"x".repeat(LONG)}${part}"`);
    expect(() => [...list.verify()]).toThrow(SyntaxError);
  });

  it.for(["\v", "\f", "\ufeff", "x"])("beside %j is no JSON", (part, { expect }) => {
    const list = listOf(`${part}"${"x".repeat(LONG)}"`);
    expect(() => [...list.verify()]).toThrow(SyntaxError);
  });

  it("that is not UTF-8 is refused", ({ expect }) => {
    const bytes = bytesOf(`{"items":["${"x".repeat(LONG)}~"]}`);
    bytes[bytes.indexOf(0x7e)] = 0xff;
    expect(() => [...(splitJson(bytes, "items")?.list.verify() ?? [])]).toThrow(TypeError);
  });

  it("is parsed where it has too many characters", ({ expect }) => {
    const list = listOf(JSON.stringify("x".repeat(LONG)));
    for (const _ of list.verify());
    expect([...list.objects(LONG)]).toEqual(["x".repeat(LONG)]);
  });
});
