// Properties of every address: it has one canonical form, however it is spelt.
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { parseEmail } from "../../../src/domain/email/canonical-email";

function read(text: string) {
  const parsed = parseEmail(text);
  return parsed.ok ? parsed.email : undefined;
}

// Long enough to mix scripts, short enough that folding (`ŉ` grows) stays within the limits.
const WORD = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
);
const LOCAL = fc.oneof(
  WORD,
  WORD.map((word) => `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`),
);
const U_LABEL = fc
  .string({
    unit: fc.constantFrom(...Array.from("abzäößéñçøłδςжя例子ひカ한عب")),
    minLength: 1,
    maxLength: 8,
  })
  .map((name) => `x${name}`);
const DOMAIN = fc.oneof(
  fc.domain(),
  U_LABEL.map((name) => `${name}.example`),
);
const EMAIL = fc
  .tuple(LOCAL, DOMAIN)
  .map(([local, domain]) => `${local}@${domain}`)
  .filter((text) => read(text) !== undefined);

describe("parseEmail", () => {
  it("never throws", ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(parseEmail(text)).toHaveProperty("ok");
        expect(parseEmail(`${text}@${text}`)).toHaveProperty("ok");
        expect(parseEmail(`a@xn--${text}.example`)).toHaveProperty("ok");
      }),
    );
  });

  it("reads its own address and canonical form as the same e-mail", ({ expect }) => {
    fc.assert(
      fc.property(EMAIL, (text) => {
        const email = read(text);
        expect(read(email?.address ?? "")).toEqual(email);
        const canonical = email?.canonical ?? "";
        // One character can unfold to a sentence (`ﷺ`) and leave the limit of 64 octets.
        fc.pre(
          new TextEncoder().encode(canonical.slice(0, canonical.lastIndexOf("@"))).length <= 64,
        );
        expect(read(canonical)?.canonical).toBe(canonical);
      }),
    );
  });

  it("gives all Unicode forms of an address one canonical form", ({ expect }) => {
    fc.assert(
      fc.property(EMAIL, fc.constantFrom("NFC", "NFD", "NFKC", "NFKD"), (text, form) => {
        const spelling = text.normalize(form);
        const other = read(spelling);
        // The compatibility forms can bring syntax: `＠` is `@`, `＼` a backslash, `´` has a space.
        fc.pre(!form.startsWith("NFK") || /^[\p{L}\p{M}\p{N}]+@[^@]+$/u.test(spelling));
        expect(other?.canonical).toBe(read(text)?.canonical);
      }),
    );
  });

  it("gives upper and lower case one canonical form", ({ expect }) => {
    fc.assert(
      fc.property(LOCAL, (local) => {
        const email = read(`${local}@iana.org`);
        fc.pre(email !== undefined);
        expect(read(`${local.toLowerCase()}@IANA.ORG`)?.canonical).toBe(email?.canonical);
        expect(read(`${local.toUpperCase()}@iana.org`)?.canonical).toBe(email?.canonical);
      }),
    );
  });

  it("gives a domain's Unicode and xn-- spellings one canonical form", ({ expect }) => {
    fc.assert(
      fc.property(U_LABEL, (name) => {
        const email = read(`a@${name}.example`);
        fc.pre(email !== undefined);
        expect(email?.domain).toMatch(/^[a-z0-9.-]+$/);
        expect(read(`a@${email?.domain.toUpperCase()}`)).toEqual(email);
      }),
    );
  });

  it("reads ASCII as the URL parser and Unicode's folding do", ({ expect }) => {
    const spelling = fc.mixedCase(fc.emailAddress());
    fc.assert(
      fc.property(spelling, (text) => {
        const at = text.lastIndexOf("@");
        const domain = URL.parse(`http://${text.slice(at + 1)}`)?.hostname;
        expect(read(text)).toEqual({
          address: `${text.slice(0, at)}@${domain}`,
          canonical: `${text.slice(0, at).normalize("NFKC").toLowerCase()}@${domain}`,
          domain,
        });
      }),
    );
  });

  it("folds every single character to a form that folding leaves alone", ({ expect }) => {
    const unstable: string[] = [];
    for (let codePoint = 0x20; codePoint <= 0x1_ffff; codePoint += 1) {
      const canonical = read(`x${String.fromCodePoint(codePoint)}y@iana.org`)?.canonical;
      if (canonical !== undefined && read(canonical)?.canonical !== canonical) {
        unstable.push(codePoint.toString(16));
      }
    }
    expect(unstable).toEqual([]);
  });
});
