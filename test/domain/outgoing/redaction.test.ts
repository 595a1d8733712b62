// Secrets that come back in an answer, in whatever spelling.
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { createRedaction } from "../../../src/domain/outgoing/redaction";
import { SPELLINGS, utf16 } from "../../support/spellings";

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const hexOf = (byte: number) => byte.toString(16).padStart(2, "0");
const percentEncoded = (text: string) =>
  Array.from(bytesOf(text), (byte) => `%${hexOf(byte)}`).join("");
const jsonEscaped = (text: string) =>
  Array.from(bytesOf(text), (byte) => `\\u00${hexOf(byte)}`).join("");

const { mixed, jsEscapes, jsonEscapes, ...BEYOND_ASCII } = SPELLINGS;

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

  it.for<[string, (text: string) => string]>([
    ["bytea of PostgreSQL", (text) => `\\x${bytesOf(text).toHex()}`],
    ["bytea within JSON", (text) => JSON.stringify(`\\x${bytesOf(text).toHex()}`)],
    ["escape()", (text) => text.replaceAll(/./g, (one) => `%u00${hexOf(one.charCodeAt(0))}`)],
    ["CSV", (text) => `1,"${text.replaceAll('"', '""')}"`],
    ["SQL", (text) => `'${text.replaceAll("'", "''")}'`],
  ])("hides a secret in %s", ([, spell], { expect }) => {
    const quoted = `k3y"'${SECRET}`;
    const told = createRedaction([quoted]).text(spell(quoted));
    expect(told).toMatch(/\*{13}/);
    expect(told).not.toMatch(/s3cr3t|733363723374|%u0073/);
  });

  it("hides a secret in bytes that some other charset makes it of", ({ expect }) => {
    for (const shift of ["\u001b(B", "\u001b(J", "\u001b$B\u001b(B"]) {
      const bytes = redaction.bytes(bytesOf(SECRET.replaceAll(/.../g, `$&${shift}`)));
      expect(new TextDecoder("iso-2022-jp").decode(bytes)).not.toMatch(/s3c|r3t/);
    }
  });

  it("hides a secret in bytes, wherever it stands and however often", ({ expect }) => {
    // With `3d` after it, its end is also that of a secret in quoted-printable, and hidden whole.
    const part = fc.string().filter((text) => !/^3d/i.test(text));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const bytes = redaction.bytes(bytesOf(parts.join(SECRET)));
        expect(new TextDecoder().decode(bytes)).toBe(parts.join("*".repeat(SECRET.length)));
      }),
      { numRuns: 50 },
    );
  });

  it.for<[string, (secret: string) => string]>([
    ["as a form writes it", (secret) => new URLSearchParams({ key: secret }).toString()],
    ["as a URL holds it", (secret) => new URL(`https://up.example/?key=${secret}`).href],
    ["with every byte percent-encoded", percentEncoded],
    ["as a URL within a URL holds it", (secret) => encodeURIComponent(encodeURIComponent(secret))],
    ["with escapes of JSON", jsonEscaped],
    [
      "with references of HTML",
      (secret) => secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    ],
    ["with numbers of HTML", (secret) => secret.replaceAll(/\W/g, (c) => `&#${c.charCodeAt(0)};`)],
    ["in lower case", (secret) => secret.toLowerCase()],
    ["in upper case", (secret) => secret.toUpperCase()],
    ["in base64", btoa],
    ["in base64 after one more byte", (secret) => btoa(`:${secret}`)],
    ["in base64 after two more bytes", (secret) => btoa(`a:${secret}`)],
    ["in base64 of the whole header", (secret) => btoa(`Bearer ${secret} and more`)],
    ["in base64 for URLs", (secret) => btoa(secret).replaceAll("+", "-").replaceAll("/", "_")],
    ["in base64 in a form", (secret) => encodeURIComponent(btoa(secret))],
    ["in base64 in JSON", (secret) => btoa(secret).replaceAll("/", "\\/")],
    ["in base64 broken into lines", (secret) => btoa(secret).replaceAll(/.{4}/g, "$&\\r\\n")],
    ["with escapes of JSON within JSON", (secret) => jsonEscaped(secret).replaceAll("\\", "\\\\")],
    ["with escapes of JavaScript", (secret) => jsonEscaped(secret).replaceAll("\\u00", "\\x")],
    ["in hexadecimal", (secret) => Array.from(bytesOf(secret), hexOf).join("")],
  ])("hides a secret %s, in texts and in bytes", ([, spell], { expect }) => {
    for (const secret of [
      "s3cr/et+K&Y<x",
      "~~~???>>>ÿÿ".slice(0, 9),
      "short9Key~(1)*",
      "sk_live_0123456789abcdef",
    ]) {
      const hide = createRedaction([secret]);
      const spelt = spell(secret);
      const bytes = hide.bytes(bytesOf(`a ${spelt} b`));
      for (const seen of [hide.text(`a ${spelt} b`), new TextDecoder().decode(bytes)]) {
        expect(seen.length).toBe(spelt.length + 4);
        // Of base64, the letters at the ends depend on their neighbours as well.
        const stars = seen.match(/\*+/)?.[0].length ?? 0;
        expect(stars).toBeGreaterThanOrEqual(Math.min(secret.length, spelt.length) - 3);
        expect(seen.toLowerCase()).not.toContain(secret.toLowerCase());
      }
    }
  });

  it.for(["clé-secrète-n°1", "пароль-тайна", "密码abcdef123", "smile😀secret"])(
    "hides a secret beyond ASCII, %s, in every spelling",
    (secret, { expect }) => {
      const hide = createRedaction([secret]);
      for (const [name, { spell }] of Object.entries(BEYOND_ASCII)) {
        const spelt = spell(secret);
        expect([name, hide.text(spelt)]).toEqual([name, expect.stringMatching(/\*{7}/)]);
        for (const bytes of [bytesOf(spelt), utf16(spelt, "le"), utf16(spelt, "be")])
          expect([name, hide.bytes(bytes).filter((byte) => byte === 0x2a).length > 6]).toEqual([
            name,
            true,
          ]);
      }
    },
  );

  it("keeps what stands beside a secret in base64 and in UTF-16", ({ expect }) => {
    const text = `{"a":"before","key":"${SECRET}","b":"after"}`;
    const clean = redaction.text(`<p>${btoa(text)}</p>`);
    expect(atob(clean.slice(3, -4).replaceAll("*", "A"))).toMatch(/^\{"a":"before".*"after"\}$/s);
    const bytes = redaction.bytes(utf16(text, "le"));
    expect(new TextDecoder("utf-16le").decode(bytes)).toBe(
      text.replace(SECRET, "*".repeat(SECRET.length)),
    );
  });

  it("hides base64 within base64, hexadecimal within it, and escapes in and around them", ({
    expect,
  }) => {
    const escaped = encodeURIComponent(btoa(jsonEscaped(SECRET))).replaceAll("%", "%25");
    for (const spelt of [btoa(btoa(SECRET)), btoa(bytesOf(SECRET).toHex()), escaped])
      expect(redaction.text(`a ${spelt} b`)).toMatch(/^a \S{0,3}\*{10,}\S{0,6} b$/);
  });

  it.for(["\\", "\\x", "%", "%25", "&", "&amp;", "&#0", "\r\n ", "A", "\0"])(
    "reads a megabyte of %j, each part but a few times",
    (part, { expect }) => {
      const text = part.repeat(2 ** 20 / part.length);
      expect(redaction.text(text + SECRET)).toBe(text + "*".repeat(SECRET.length));
    },
  );

  it("keeps bytes that only begin like a secret", ({ expect }) => {
    const bytes = bytesOf("s3cr3t/ab+cd");
    expect(redaction.bytes(bytes)).toBe(bytes);
  });

  it.for([[["abc", "abcdef"]], [["abcdef", "abc"]]] as const)(
    "hides the whole of a secret that begins with another: %j",
    ([secrets], { expect }) => {
      const both = createRedaction(secrets);
      const bytes = both.bytes(bytesOf("abcdef"));
      expect([both.text("abcdef"), new TextDecoder().decode(bytes)]).toEqual(["******", "******"]);
    },
  );

  it("keeps a key named __proto__ a key", ({ expect }) => {
    const clean = redaction.value(JSON.parse('{"__proto__":{"a":1}}'));
    expect(JSON.stringify(clean)).toBe('{"__proto__":{"a":1}}');
  });
});
