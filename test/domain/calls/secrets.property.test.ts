// Whatever an upstream does with a secret that it was sent, no caller gets it.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import type { CallResult } from "../../../src/domain/calls/external-api";
import { runCall } from "../../../src/domain/calls/run-call";
import { callContext, preparedCall, upstreamOf } from "../../support/fake-calls";
import { fakeOutgoing, wholeDeadline, type Sent } from "../../support/fake-outgoing";

const encoder = new TextEncoder();
const bytesOf = (text: string) => new Uint8Array(encoder.encode(text));
const hex = (code: number, length = 2) => code.toString(16).padStart(length, "0");
const each = (text: string, spell: (character: string, code: number) => string) =>
  Array.from(text, (character) => spell(character, character.codePointAt(0) ?? 0)).join("");

/** Ways to spell a text, of which an upstream may use several one after the other. */
const SPELLINGS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  url: encodeURIComponent,
  form: (text) => new URLSearchParams({ a: text }).toString(),
  percent: (text) => Array.from(bytesOf(text), (byte) => `%${hex(byte)}`).join(""),
  json: (text) => JSON.stringify(text).slice(1, -1),
  jsonEscapes: (text) => each(text, (_, code) => `\\u${hex(code, 4)}`),
  jsEscapes: (text) => each(text, (_, code) => `\\x${hex(code)}`),
  html: (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  htmlDecimal: (text) => each(text, (_, code) => `&#${code};`),
  htmlHex: (text) => each(text, (_, code) => `&#x${hex(code)};`),
  base64: (text) => btoa(text),
  base64After: (text) => btoa(`Bearer ${text}`),
  base64Lines: (text) => btoa(text).replaceAll(/.{8}/g, "$&\r\n"),
  base64Url: (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_"),
  hex: (text) => Array.from(bytesOf(text), (byte) => hex(byte)).join(""),
};
/** Spellings that can follow another and still be undone by looking at one text. */
const OUTER = ["plain", "url", "json", "html"];

/** Ways back, for who looks for the secret. */
const READINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) =>
    text.replaceAll(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(parseInt(code, 16))),
  (text) =>
    text.replaceAll(/\\[ux]0*([0-9a-f]{2,4})/gi, (_, code) =>
      String.fromCharCode(parseInt(code, 16)),
    ),
  (text) => text.replaceAll("\\", ""),
  (text) =>
    text.replaceAll(/&#x?([0-9a-f]+);/gi, (all, code) =>
      String.fromCharCode(parseInt(code, all.includes("x") ? 16 : 10)),
    ),
  (text) => text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&quot;", '"'),
  (text) => text.replaceAll(/[A-Za-z0-9+/_-]{8,}/g, (run) => unbase64(run)),
  (text) =>
    text.replaceAll(/(?:[0-9a-f]{2}){6,}/gi, (run) =>
      run.replaceAll(/../g, (code) => String.fromCharCode(parseInt(code, 16))),
    ),
  (text) => text.replaceAll("\0", ""),
];

function unbase64(run: string): string {
  const text = run.replaceAll("-", "+").replaceAll("_", "/");
  return [0, 1, 2, 3]
    .map((skip) => {
      const part = text.slice(skip);
      try {
        return atob(part.slice(0, part.length - (part.length % 4)));
      } catch {
        return "";
      }
    })
    .join(" ");
}

/** Eight characters in a row are most of a secret. */
const TELLING = 8;

function tells(result: CallResult, secret: string): boolean {
  const text = JSON.stringify(result);
  const parsed = JSON.stringify(result, (_, value: unknown) =>
    typeof value === "string" ? `${value} ${value.replaceAll(/\s|\\[rn]/g, "")}` : value,
  );
  const seen = [text, parsed].flatMap((one) =>
    READINGS.flatMap((read) => READINGS.map((again) => again(read(one)))),
  );
  const parts = Array.from({ length: secret.length - TELLING + 1 }, (_, at) =>
    secret.slice(at, at + TELLING).toLowerCase(),
  );
  return seen.some((one) => parts.some((part) => one.toLowerCase().includes(part)));
}

const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "": (bytes) => bytes,
  "x-gzip": gzipSync,
  GZIP: gzipSync,
  deflate: deflateSync,
  zstd: zstdCompressSync,
  Br: brotliCompressSync,
  "deflate, zstd": (bytes) => zstdCompressSync(deflateSync(bytes)),
  "zstd, unknown": zstdCompressSync,
};

const echoes = fc.record({
  inner: fc.constantFrom(...Object.keys(SPELLINGS)),
  outer: fc.constantFrom(...OUTER),
  place: fc.constantFrom("body", "json", "key", "header", "location", "binary", "utf16", "error"),
  coding: fc.constantFrom(...Object.keys(CODINGS)),
  around: fc.tuple(fc.stringMatching(/^[\w .,]{0,6}$/), fc.stringMatching(/^[\w .,]{0,6}$/)),
  charset: fc.constantFrom(undefined, "utf-16le", "utf-16be", "gb18030", "windows-1252"),
  read: fc.constantFrom("auto", "text", "base64", "json"),
  select: fc.constantFrom(undefined, "@", "reverse(to_string(@))", "keys(@)", "to_array(@)"),
});
type Echo = typeof echoes extends fc.Arbitrary<infer T> ? T : never;

const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "");

/** Places where an upstream may repeat a text: the bytes of a body, with its headers and status. */
const PLACES: Readonly<
  Record<string, (text: string) => { bytes: Uint8Array; status?: number; headers?: object }>
> = {
  body: (text) => ({ bytes: bytesOf(text) }),
  json: (text) => ({
    bytes: bytesOf(JSON.stringify({ echo: [text], n: 1 })),
    headers: { "Content-Type": "application/json" },
  }),
  key: (text) => ({
    bytes: bytesOf(JSON.stringify({ [text]: 1 })),
    headers: { "Content-Type": "application/json" },
  }),
  header: (text) => ({ bytes: bytesOf("ok"), headers: { "X-Echo": ascii(text) } }),
  location: (text) => ({
    bytes: new Uint8Array(),
    status: 302,
    headers: { Location: `https://other.example/?${encodeURI(ascii(text))}` },
  }),
  binary: (text) => ({
    bytes: Uint8Array.of(0xff, 0, ...bytesOf(text)),
    headers: { "Content-Type": "application/octet-stream" },
  }),
  utf16: (text) => ({
    bytes: Uint8Array.from(Array.from(ascii(text), (c) => [c.charCodeAt(0), 0]).flat()),
    headers: { "Content-Type": "text/plain; charset=utf-16le" },
  }),
  error: (text) => ({ bytes: bytesOf(text), status: 401 }),
};

/** The upstream's answer to a request that bears the secret. */
function answer(
  { inner, outer, place, coding, around: [before, after] }: Echo,
  secret: string,
): Response {
  // Of UTF-16 the secret itself is found, and not what else it may be spelt as: SECURITY.md says so.
  const spelt =
    place === "utf16" ? secret : (SPELLINGS[outer] ?? String)((SPELLINGS[inner] ?? String)(secret));
  const {
    bytes,
    status = 200,
    headers,
  } = (PLACES[place] ?? PLACES["body"])?.(before + spelt + after) ?? { bytes: new Uint8Array() };
  const encoded = CODINGS[coding]?.(bytes) ?? bytes;
  return new Response(new Uint8Array(encoded), {
    status,
    headers: {
      "Content-Type": "text/plain",
      ...headers,
      ...(coding !== "" && { "Content-Encoding": coding }),
    },
  });
}

/** Of the runs: a failure is the same on every machine. */
const SEED = 20261128;

const secrets = fc
  .stringMatching(/^[\w~.+/=!*&<"-]{10,30}$/)
  .filter((text) => new Set(text).size > 5);

describe("a secret", () => {
  it("is in no receipt, whatever the upstream does with it, nor in the cache", async ({
    expect,
  }) => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.array(echoes, { minLength: 1, maxLength: 3 }),
        async (secret, all) => {
          const upstream = upstreamOf(
            { headers: { "x-key": "${KEY}" }, query: { k: "${KEY}" }, cache_seconds: 60 },
            { KEY: secret },
          );
          const elsewhere: Sent[] = [];
          const outgoing = fakeOutgoing((sent, index) => {
            if (!sent.url.startsWith("https://up.example/")) elsewhere.push(sent);
            const echo = all[index % all.length];
            return echo === undefined ? new Response() : answer(echo, secret);
          });
          const context = callContext(outgoing);
          for (const { charset, read, select } of [...all, ...all]) {
            const call = preparedCall(
              { url: "https://up.example/x", charset, read, select, retries: 0 },
              upstream,
            );
            const deadline = wholeDeadline(outgoing.clock);
            const result = await runCall(call, context, deadline, 0);
            deadline.clear();
            expect([tells(result, secret), JSON.stringify(result)]).toEqual([
              false,
              expect.anything(),
            ]);
          }
          expect(
            elsewhere.filter(({ url, headers }) => tells({ url, headers } as never, secret)),
          ).toEqual([]);
        },
      ),
      { numRuns: 100, seed: SEED },
    );
  });

  it("that was replaced is served from no cache", async ({ expect }) => {
    const outgoing = fakeOutgoing(({ headers }) => new Response(`you sent ${headers["x-key"]}`));
    const context = callContext(outgoing);
    const run = async (secret: string) => {
      const settings = { headers: { "x-key": "${KEY}" }, cache_seconds: 60 };
      const deadline = wholeDeadline(outgoing.clock);
      const call = preparedCall({}, upstreamOf(settings, { KEY: secret }));
      return runCall(call, context, deadline, 0).finally(deadline.clear);
    };
    const first = await run("the-first-secret");
    const second = await run("the-second-secret");
    expect([first, second]).toMatchObject([{ cache: "miss" }, { cache: "miss" }]);
    expect(JSON.stringify([first, second])).not.toContain("secret");
    expect(outgoing.sent).toHaveLength(2);
  });
});
