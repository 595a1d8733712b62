// Operations for digests and identifiers: SHA-1 and SHA-2 (FIPS 180-4), CRC-32 (ISO 3309), UUIDs (RFC 9562). Digests
// are not WebCrypto's: each of its calls holds memory outside V8's heap until the request ends, 30 MB after a hundred
// thousand short texts, and takes longer than the digest.
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import * as v from "valibot";
import { utf8 } from "./bytes";
import { wrongType } from "./errors";
import { Text } from "./parameters";
import type { Price } from "./price";
import { itemOperation, type OperationDefinition, textOperation } from "./operation";

const CRC32_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
  return crc;
});

function crc32(text: string): string {
  let crc = 0xff_ff_ff_ff;
  for (const byte of utf8(text)) crc = (crc >>> 8) ^ (CRC32_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

/** Characters of a UUID. */
const UUID_CHARS = 36;

/** Name spaces of RFC 9562 §6.6. */
const NAMESPACES = {
  dns: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  url: "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
  oid: "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
  x500: "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
} as const;

function formatUuid(bytes: Uint8Array): string {
  const hex = bytes.toHex();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}

/** Placeholder for the 16 bytes of a name space. */
const SPACE = " ".repeat(16);

function nameUuid(name: string, namespace: Uint8Array): string {
  const named = utf8(SPACE + name);
  named.set(namespace);
  const bytes = sha1(named);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return formatUuid(bytes.subarray(0, 16));
}

const DIGEST_PRICE: Price = { per_item: 700, per_character: 3 };
/** Price of what digests by numbers of 64 bits, or twice. */
const LONG_DIGEST_PRICE: Price = { per_item: 1_500, per_character: 6 };

const DIGESTS = { sha1, sha256, sha512 };

const Encoding = v.optional(v.picklist(["hex", "base64"]), "hex");

const write = (digest: Uint8Array, encoding: v.InferOutput<typeof Encoding>) =>
  encoding === "hex" ? digest.toHex() : digest.toBase64();

function digestOperation(name: keyof typeof DIGESTS, input: string, output: string) {
  const digest = DIGESTS[name];
  return textOperation({
    name,
    summary: `${name.toUpperCase().replace("SHA", "SHA-")} digest of the text's UTF-8 bytes`,
    parameters: { encoding: Encoding },
    example: { input: [input], output: [output] },
    price: name === "sha512" ? LONG_DIGEST_PRICE : DIGEST_PRICE,
    make:
      ({ encoding }) =>
      (text) =>
        write(digest(utf8(text)), encoding),
  });
}

/** All operations for digests and identifiers. */
export const hashOperations: readonly OperationDefinition[] = [
  digestOperation("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
  digestOperation(
    "sha256",
    "abc",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  ),
  digestOperation(
    "sha512",
    "abc",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  ),
  textOperation({
    name: "hmac",
    summary: "The text's UTF-8 bytes signed with a key (RFC 2104), as hexadecimal digits",
    parameters: {
      algorithm: v.picklist(["sha1", "sha256", "sha512"]),
      key: v.pipe(Text, v.minLength(1), v.description("Its UTF-8 bytes are the key.")),
      encoding: Encoding,
    },
    example: {
      parameters: { algorithm: "sha256", key: "Jefe" },
      input: ["what do ya want for nothing?"],
      output: ["5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
    },
    check: ({ key }) =>
      key.isWellFormed() ? undefined : { parameter: "key", message: "It has a lone surrogate" },
    price: LONG_DIGEST_PRICE,
    make: ({ algorithm, key, encoding }) => {
      const keyed = hmac.create(DIGESTS[algorithm], utf8(key));
      return (text) => write(keyed.clone().update(utf8(text)).digest(), encoding);
    },
  }),
  textOperation({
    name: "crc32",
    summary: "CRC-32 checksum of the text's UTF-8 bytes, as 8 hexadecimal digits",
    parameters: {},
    example: { input: ["123456789"], output: ["cbf43926"] },
    price: { per_item: 50, per_character: 3 },
    make: () => crc32,
  }),
  itemOperation({
    name: "uuid",
    summary:
      "A UUID for each item: random (version 4), by time (7), or of the text as a name in a name space (5)",
    parameters: {
      version: v.optional(
        v.pipe(v.picklist([4, 5, 7]), v.description("4, or 5 if there is a `namespace`.")),
      ),
      namespace: v.optional(
        v.pipe(
          v.union([
            v.picklist(["dns", "url", "oid", "x500"]),
            v.pipe(v.string(), v.maxLength(UUID_CHARS), v.uuid()),
          ]),
          v.description("For version 5: a well-known name space, or a UUID; `url` if left out."),
        ),
      ),
    },
    check: ({ version, namespace }) =>
      namespace === undefined || version === undefined || version === 5
        ? undefined
        : { parameter: "namespace", message: `A UUID of version ${version} has no name space` },
    example: {
      parameters: { version: 5, namespace: "dns" },
      input: ["www.example.com"],
      output: ["2ed6657d-e927-568b-95e1-2665a8aea6a2"],
    },
    price: DIGEST_PRICE,
    make: ({ namespace, version = namespace === undefined ? 4 : 5 }) => {
      if (version !== 5) return (_, run) => run.createUuid(version);
      const space = namespace ?? "url";
      const known = new Map<string, string>(Object.entries(NAMESPACES)).get(space) ?? space;
      const bytes = Uint8Array.fromHex(known.replaceAll("-", ""));
      return (item) => {
        if (typeof item !== "string") throw wrongType("text", item);
        return nameUuid(item, bytes);
      };
    },
  }),
];
