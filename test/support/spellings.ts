// Ways in which a text may be spelt by whoever repeats it, and ways back for whoever looks for it.

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const hex = (code: number, length = 2) => code.toString(16).padStart(length, "0");
const character = (code: string) => String.fromCodePoint(Number.parseInt(code, 16));
const each = (text: string, spell: (character: string, code: number) => string) =>
  Array.from(text, (one) => spell(one, one.codePointAt(0) ?? 0)).join("");

/** A text in UTF-16. */
export function utf16(text: string, order: "le" | "be"): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at += 1)
    bytes.setUint16(at * 2, text.charCodeAt(at), order === "le");
  return new Uint8Array(bytes.buffer);
}

const same = (text: string) => text;
const unpercent = (text: string) =>
  text.replaceAll(/%(?:25)*([0-9a-f]{2})/gi, (_, code: string) => character(code));
const unescape = (text: string) =>
  text.replaceAll(/\\+[ux]([0-9a-f]{4}|[0-9a-f]{2})/gi, (_, code: string) => character(code));
const unquote = (text: string) => text.replaceAll("\\", "");
const unhtml = (text: string) =>
  text
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, code: string) => character(code))
    .replaceAll("&plus;", "+")
    .replaceAll("&equals;", "=")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
const unhex = (text: string) =>
  text.replaceAll(/[0-9a-f]{12,}/gi, (run) =>
    [run, run.slice(1)].map((part) => part.replaceAll(/../g, character)).join(" "),
  );
const unbase64 = (text: string) =>
  text.replaceAll(/[A-Za-z0-9+/_-]{8,}/g, (run) => {
    const standard = run.replaceAll("-", "+").replaceAll("_", "/");
    return [0, 1, 2, 3]
      .map((skip) => standard.slice(skip))
      .map((part) => atob(part.length % 4 === 1 ? part.slice(0, -1) : part))
      .join(" ");
  });
const unpad = (text: string) => text.replaceAll("\0", "");

/** Ways back. */
export const READINGS = [same, unpercent, unescape, unquote, unhtml, unhex, unbase64, unpad];

interface Spelling {
  spell(this: void, text: string): string;
  undo(this: void, text: string): string;
  /** True for base64 and hexadecimal. */
  readonly isOfBytes?: true;
}

const ofBytes = (undo: Spelling["undo"], spell: Spelling["spell"]): Spelling => ({
  spell,
  undo: (text) => unpad(undo(text)),
  isOfBytes: true,
});

/** Spellings by name, of which one may follow another. */
export const SPELLINGS: Readonly<Record<string, Spelling>> = {
  plain: { undo: same, spell: same },
  upper: { undo: same, spell: (text) => text.toUpperCase() },
  lower: { undo: same, spell: (text) => text.toLowerCase() },
  url: { undo: unpercent, spell: encodeURIComponent },
  form: { undo: unpercent, spell: (text) => new URLSearchParams({ a: text }).toString() },
  percent: {
    undo: unpercent,
    spell: (text) => Array.from(bytesOf(text), (byte) => `%${hex(byte)}`).join(""),
  },
  mixed: {
    undo: unpercent,
    spell: (text) => each(text, (one, code) => (code % 2 ? `%25${hex(code).toUpperCase()}` : one)),
  },
  json: { undo: unquote, spell: (text) => JSON.stringify(text).slice(1, -1) },
  jsonEscapes: { undo: unescape, spell: (text) => each(text, (_, code) => `\\u${hex(code, 4)}`) },
  jsEscapes: { undo: unescape, spell: (text) => each(text, (_, code) => `\\x${hex(code)}`) },
  html: {
    undo: unhtml,
    spell: (text) =>
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  },
  htmlNames: {
    undo: unhtml,
    spell: (text) =>
      text.replaceAll("&", "&amp;").replaceAll("+", "&plus;").replaceAll("=", "&equals;"),
  },
  htmlDecimal: { undo: unhtml, spell: (text) => each(text, (_, code) => `&#${code};`) },
  htmlHex: { undo: unhtml, spell: (text) => each(text, (_, code) => `&#x${hex(code)};`) },
  base64: ofBytes(unbase64, (text) => bytesOf(text).toBase64()),
  base64After: ofBytes(unbase64, (text) => bytesOf(`Bearer ${text}`).toBase64()),
  base64Within: ofBytes(unbase64, (text) => `x/${bytesOf(`{"key":"${text}"}`).toBase64()}`),
  base64Lines: ofBytes(
    (text) => unbase64(text.replaceAll(/\s/g, "")),
    (text) => bytesOf(text).toBase64().replaceAll(/.{8}/g, "$&\r\n"),
  ),
  base64Url: ofBytes(unbase64, (text) =>
    bytesOf(text).toBase64({ alphabet: "base64url", omitPadding: true }),
  ),
  base64Utf16: ofBytes(unbase64, (text) => utf16(text, "le").toBase64()),
  hex: ofBytes(unhex, (text) => bytesOf(text).toHex()),
  upperHex: ofBytes(unhex, (text) => bytesOf(text).toHex().toUpperCase()),
};
