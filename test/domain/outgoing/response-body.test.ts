import * as fc from "fast-check";
import { describe, it } from "vitest";
import { decodeBody, holdBody } from "../../../src/domain/outgoing/response-body";
import { jsonPieces } from "../../../src/lib/json-pieces";

const AUTO = { as: "auto", charset: null } as const;
const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));

describe("decodeBody", () => {
  it.for([
    "application/json",
    "application/json; charset=utf-8",
    "text/json",
    "image/vnd.example+json",
    "Application/JSON;charset=UTF-8",
    "application/problem+json",
    "application/vnd.api+json ; v=1",
  ])("reads %s as JSON", (type, { expect }) => {
    expect(decodeBody(bytesOf('{"a":[1,null]}'), type)).toEqual({
      body_type: "json",
      body: { a: [1, null] },
    });
  });

  it.for([null, "", "text/plain", "text/plain; charset=utf-8"])(
    "reads a document that is declared as %j as JSON, if it parses",
    (type, { expect }) => {
      expect(decodeBody(bytesOf(" [1]"), type)).toEqual({ body_type: "json", body: [1] });
      expect(decodeBody(bytesOf("[1"), type)).toEqual({ body_type: "text", body: "[1" });
      expect(decodeBody(bytesOf("1"), type)).toEqual({ body_type: "text", body: "1" });
    },
  );

  it.for(["text/html", "application/jsonp", "application/json-seq"])(
    "leaves JSON that is declared as %j a text",
    (type, { expect }) => {
      expect(decodeBody(bytesOf("[1]"), type)).toEqual({ body_type: "text", body: "[1]" });
    },
  );

  it.for(["", "{", "NaN", "{'a':1}", "[1],"])(
    "shows what is declared as JSON but is not: %j",
    (text, { expect }) => {
      const body = decodeBody(bytesOf(text), "application/json");
      expect(body).toEqual({ body_type: "text", body: text });
    },
  );

  it("drops a byte order mark", ({ expect }) => {
    expect(decodeBody(bytesOf("\ufeff[1]"), "application/json").body).toEqual([1]);
    expect(decodeBody(bytesOf("\ufeffhi"), "text/plain").body).toBe("hi");
  });

  it.for([
    ["text/plain; charset=iso-8859-1", [0x63, 0xe9], "cé"],
    ["text/plain; charset=windows-1252", [0x80], "€"],
    ['text/plain; format=flowed; charset="UTF-16LE"', [0x68, 0, 0x69, 0], "hi"],
    ["text/plain; charset=shift_jis", [0x82, 0xa0], "あ"],
  ] as const)("reads a text in its charset: %s", ([type, bytes, text], { expect }) => {
    expect(decodeBody(new Uint8Array(bytes), type)).toEqual({ body_type: "text", body: text });
  });

  it("gives bytes that are no text as base64", ({ expect }) => {
    const bytes = new Uint8Array([0xff, 0x00, 0x80]);
    for (const type of [null, "image/png", "application/octet-stream"]) {
      expect(decodeBody(bytes, type)).toEqual({ body_type: "base64", body: "/wCA" });
    }
  });

  it("gives a whole MiB as base64", ({ expect }) => {
    const { body } = decodeBody(new Uint8Array(1024 * 1024).fill(0xff), null);
    expect(body).toBe(`${"/".repeat(1_398_101)}w==`);
  });

  it("leaves deeply nested JSON a text, so that nobody who walks it overflows", ({ expect }) => {
    for (const [levels, type] of [
      [256, "json"],
      [257, "text"],
      [500_000, "text"],
    ] as const) {
      const bytes = bytesOf("[".repeat(levels) + "]".repeat(levels));
      expect(decodeBody(bytes, "application/json").body_type).toBe(type);
    }
  });

  it("never throws, and always gives what JSON can hold", ({ expect }) => {
    const types = fc.oneof(fc.constantFrom("application/json", "text/plain"), fc.string());
    fc.assert(
      fc.property(fc.uint8Array(), types, (bytes, type) => {
        const { body } = decodeBody(new Uint8Array(bytes), type);
        expect(JSON.parse(JSON.stringify(body))).toEqual(body);
      }),
    );
  });
});

describe("holdBody", () => {
  const encoder = new TextEncoder();
  const types = fc.constantFrom(
    null,
    "application/json",
    "text/plain",
    "text/csv; charset=latin1",
    "text/plain; charset=utf-16le",
    "application/json; charset=utf-16le",
    "text/plain; charset=iso-2022-kr",
    "application/octet-stream",
  );
  const reading = fc.record({
    as: fc.constantFrom("auto", "json", "text", "base64"),
    charset: fc.constantFrom(null, "utf-8", "windows-1252"),
  });
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.json().map((json) => encoder.encode(json)),
    fc.string({ unit: "binary" }).map((text) => encoder.encode(text)),
    fc.json().map((json) => encoder.encode(` \ufeff${json}`)),
  );

  it("reads a body as decodeBody does, however long it is", ({ expect }) => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(1, 3000), types, reading, (body, times, type, as) => {
        const bytes = new Uint8Array(body.length * times);
        for (let at = 0; at < times; at += 1) bytes.set(body, at * body.length);
        const expected = decodeBody(bytes, type, as);
        const { body_type, body: held } = holdBody(bytes, type, as);
        expect(body_type).toBe(expected.body_type);
        const written = [...jsonPieces(held)].join("");
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(expected.body)));
        expect(JSON.stringify(held)).toBe(JSON.stringify(expected.body));
      }),
      { numRuns: 300 },
    );
  });

  it("passes JSON on as it is written, but in one line", ({ expect }) => {
    const json = `{"n":[1.0,12345678901234567890,1e400],"a":1,"a":"\\u0041${"a".repeat(100_000)}"}`;
    const { body } = holdBody(bytesOf(`[\r\n${json}]\n`), "application/json", AUTO);
    expect([...jsonPieces(body)].join("")).toBe(`[${json}]`);
  });
});
