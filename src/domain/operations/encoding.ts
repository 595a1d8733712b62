// Operations that encode texts in another alphabet: base64 (RFC 4648) and percent-encoding (RFC 3986).
import * as v from "valibot";
import { fromBase64, utf8 } from "./bytes";
import { ItemError } from "./errors";
import { type OperationDefinition, textOperation } from "./operation";
import type { Price } from "./price";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes are in UTF-8; `fault` where they cannot be read. */
function decodeBytes(fault: string, read: () => Uint8Array): string {
  let bytes: Uint8Array;
  try {
    bytes = read();
  } catch {
    throw new ItemError("invalid-value", fault);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ItemError("invalid-value", "The decoded bytes are not UTF-8 text");
  }
}

/** The base64 alphabet for URLs and file names, without padding (RFC 4648 §5). */
const URL_ALPHABET = { alphabet: "base64url", omitPadding: true } as const;

// Characters that RFC 3986 reserves but `encodeURIComponent` leaves as they are.
const SUB_DELIMITERS = /[!'()*]/g;
const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;

function encodeUrl(text: string): string {
  utf8(text);
  return encodeURIComponent(text).replaceAll(SUB_DELIMITERS, percent);
}

function decodeUrl(text: string, plusIsSpace: boolean): string {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll("+", " ") : text);
  } catch {
    throw new ItemError("invalid-value", "Not percent-encoded UTF-8");
  }
}

/** Price of encoding: a text's bytes are in memory of their own. */
const ENCODE_PRICE: Price = { per_item: 90, per_character: 1 };
/** Price of decoding, most of it for texts that cannot be decoded. */
const DECODE_PRICE: Price = { per_item: 800, per_character: 2 };

/** All operations that encode. */
export const encodingOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "base64_encode",
    summary: "The text's UTF-8 bytes as base64",
    price: ENCODE_PRICE,
    parameters: {
      alphabet: v.optional(
        v.pipe(
          v.picklist(["standard", "url"]),
          v.description("`url`: `-` and `_` for `+` and `/`, no padding."),
        ),
        "standard",
      ),
    },
    example: { input: ["foobar", "é"], output: ["Zm9vYmFy", "w6k="] },
    make:
      ({ alphabet }) =>
      (text) =>
        utf8(text).toBase64(alphabet === "url" ? URL_ALPHABET : {}),
  }),
  textOperation({
    name: "base64_decode",
    summary: "The text that base64 stands for: either alphabet, with or without padding",
    price: DECODE_PRICE,
    parameters: {},
    example: { input: ["Zm9vYmFy", "w6k"], output: ["foobar", "é"] },
    make: () => (text) => decodeBytes("Not base64", () => fromBase64(text)),
  }),
  textOperation({
    name: "hex_encode",
    summary: "The text's UTF-8 bytes as hexadecimal digits",
    price: ENCODE_PRICE,
    parameters: {},
    example: { input: ["abc", "é"], output: ["616263", "c3a9"] },
    make: () => (text) => utf8(text).toHex(),
  }),
  textOperation({
    name: "hex_decode",
    summary: "The text whose UTF-8 bytes hexadecimal digits stand for, in upper or lower case",
    price: DECODE_PRICE,
    parameters: {},
    example: { input: ["616263", "C3A9"], output: ["abc", "é"] },
    make: () => (text) => decodeBytes("Not hexadecimal", () => Uint8Array.fromHex(text)),
  }),
  textOperation({
    name: "url_encode",
    summary: "Text percent-encoded: all but letters, digits and `-._~`",
    parameters: {},
    example: { input: ["a b&c=é"], output: ["a%20b%26c%3D%C3%A9"] },
    price: { ...ENCODE_PRICE, per_character: 6 },
    make: () => encodeUrl,
  }),
  textOperation({
    name: "url_decode",
    summary: "The text that percent-encoding stands for",
    parameters: {
      plus_is_space: v.optional(
        v.pipe(v.boolean(), v.description("As in HTML form data and most query strings.")),
        false,
      ),
    },
    example: { input: ["a%20b%26c"], output: ["a b&c"] },
    make:
      ({ plus_is_space: plusIsSpace }) =>
      (text) =>
        decodeUrl(text, plusIsSpace),
  }),
];
