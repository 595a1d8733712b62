import * as fc from "fast-check";
import { describe, it } from "vitest";
import { createRedaction, decodeBody } from "../../src/domain/response-body";

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));

describe("decodeBody", () => {
  it.for([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8",
    "application/problem+json",
    "application/vnd.api+json ; v=1",
  ])("reads %s as JSON", (type, { expect }) => {
    expect(decodeBody(bytesOf('{"a":[1,null]}'), type)).toEqual({
      body_type: "json",
      body: { a: [1, null] },
    });
  });

  it.for([null, "", "text/plain", "text/html", "application/jsonp", "application/json-seq"])(
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
    for (const type of [null, "application/json", "image/png", "text/plain; charset=utf-8"]) {
      expect(decodeBody(bytes, type)).toEqual({ body_type: "base64", body: "/wCA" });
    }
    const body = decodeBody(bytesOf("hi"), "text/plain; charset=no-such");
    expect(body).toEqual({ body_type: "base64", body: "aGk=" });
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

describe("createRedaction", () => {
  const SECRET = "s3cr3t/ab+cd=";
  const redaction = createRedaction([SECRET]);

  it("changes nothing without secrets", ({ expect }) => {
    const none = createRedaction([]);
    const bytes = bytesOf("text");
    none.bytes(bytes);
    expect([none.text("text"), none.value({ a: 1 }), bytes]).toEqual([
      "text",
      { a: 1 },
      bytesOf("text"),
    ]);
  });

  it("hides a secret in a text and keeps the rest, plain and percent-encoded", ({ expect }) => {
    const stars = "*".repeat(SECRET.length);
    expect(redaction.text(`Bearer ${SECRET}, ${SECRET}!`)).toBe(`Bearer ${stars}, ${stars}!`);
    const url = redaction.text(`https://up.example/?key=${encodeURIComponent(SECRET)}&a=1`);
    expect(url).toMatch(/^https:\/\/up\.example\/\?key=\*+&a=1$/);
  });

  it("hides a secret in lower-case percent-encoding", ({ expect }) => {
    const lower = encodeURIComponent(SECRET).replaceAll(/%../g, (hex) => hex.toLowerCase());
    expect(redaction.text(lower)).not.toContain("s3cr3t");
  });

  it("hides a secret in a text of JSON whose slashes are escaped, as PHP writes it", ({
    expect,
  }) => {
    expect(redaction.text(`{"key":"${SECRET.replace("/", "\\/")}"}`)).not.toContain("s3cr3t");
  });

  it("hides a secret in the strings and keys of JSON, at any depth", ({ expect }) => {
    const value = { [SECRET]: 1, a: [{ b: `x${SECRET}` }], n: 2, t: true, z: null };
    const clean = redaction.value(value);
    expect(JSON.stringify(clean)).not.toContain("s3cr3t");
    expect(clean).toMatchObject({ a: [{ b: `x${"*".repeat(SECRET.length)}` }], n: 2, z: null });
  });

  it("hides a secret in bytes, in place, wherever it stands and however often", ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), (parts) => {
        const bytes = bytesOf(parts.join(SECRET));
        redaction.bytes(bytes);
        expect(new TextDecoder().decode(bytes)).toBe(parts.join("*".repeat(SECRET.length)));
      }),
      { numRuns: 50 },
    );
  });

  it("keeps bytes that only begin like a secret", ({ expect }) => {
    const bytes = bytesOf("s3cr3t/ab+cd");
    redaction.bytes(bytes);
    expect(new TextDecoder().decode(bytes)).toBe("s3cr3t/ab+cd");
  });

  it.for([[["abc", "abcdef"]], [["abcdef", "abc"]]] as const)(
    "hides the whole of a secret that begins with another: %j",
    ([secrets], { expect }) => {
      const both = createRedaction(secrets);
      const bytes = bytesOf("abcdef");
      both.bytes(bytes);
      expect([both.text("abcdef"), new TextDecoder().decode(bytes)]).toEqual(["******", "******"]);
    },
  );

  it("keeps a key named __proto__ a key", ({ expect }) => {
    const clean = redaction.value(JSON.parse('{"__proto__":{"a":1}}'));
    expect(JSON.stringify(clean)).toBe('{"__proto__":{"a":1}}');
  });
});
