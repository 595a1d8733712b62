// Whatever an upstream does with a secret that it was sent, no caller gets it.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { runCall } from "../../../src/domain/calls/run-call";
import { callContext, preparedCall, upstreamOf } from "../../support/fake-calls";
import { fakeOutgoing, wholeDeadline, type Sent } from "../../support/fake-outgoing";
import { READINGS, SPELLINGS, utf16 } from "../../support/spellings";

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));

/** Eight characters in a row are most of a secret. */
const TELLING = 8;

/** True if the secret can be read in a result by whoever knows how the upstream has spelt it. */
function tells(result: unknown, secret: string, spelt: readonly string[]): boolean {
  const parsed = JSON.stringify(result, (_, value: unknown) =>
    typeof value === "string" ? `${value} ${value.replaceAll(/\s|\\[rn]/g, "")}` : value,
  );
  let seen = [JSON.stringify(result), parsed];
  for (const name of [...spelt].toReversed()) {
    const undo = SPELLINGS[name]?.undo ?? String;
    seen = seen.flatMap((text) => [text, undo(text)]);
  }
  const parts = Array.from({ length: secret.length - TELLING + 1 }, (_, at) =>
    secret.slice(at, at + TELLING).toLowerCase(),
  );
  return [
    ...new Set(seen.flatMap((text) => READINGS.map((read) => read(text).toLowerCase()))),
  ].some((text) => parts.some((part) => text.includes(part)));
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

/** Spellings one after the other, of which two may be base64 or hexadecimal; base64 has no other case. */
const spellings = fc
  .array(fc.constantFrom(...Object.keys(SPELLINGS)), { minLength: 1, maxLength: 3 })
  .filter((names) => {
    const ofBytes = names.filter((name) => SPELLINGS[name]?.isOfBytes);
    const first = names.findIndex((name) => name.startsWith("base64"));
    const isCased = names.slice(first).some((name) => name === "upper" || name === "lower");
    return ofBytes.length <= 2 && (first === -1 || !isCased);
  });

const ascii = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "");
const typed = (type: string) => ({ "Content-Type": type });

/** Places where an upstream may repeat a text: the bytes of a body, with its headers and status. */
const PLACES: Readonly<
  Record<string, (text: string) => { bytes: Uint8Array; status?: number; headers?: object }>
> = {
  body: (text) => ({ bytes: bytesOf(text) }),
  json: (text) => ({
    bytes: bytesOf(JSON.stringify({ echo: [text], n: 1 })),
    headers: typed("application/json"),
  }),
  key: (text) => ({
    bytes: bytesOf(JSON.stringify({ [text]: 1 })),
    headers: typed("application/json"),
  }),
  header: (text) => ({ bytes: bytesOf("ok"), headers: { "X-Echo": ascii(text) } }),
  location: (text) => ({
    bytes: new Uint8Array(),
    status: 302,
    headers: { Location: `https://other.example/?${encodeURI(ascii(text))}` },
  }),
  binary: (text) => ({
    bytes: Uint8Array.of(0xff, 0, ...bytesOf(text)),
    headers: typed("application/octet-stream"),
  }),
  littleEndian: (text) => ({
    bytes: utf16(text, "le"),
    headers: typed("text/plain; charset=utf-16le"),
  }),
  bigEndian: (text) => ({ bytes: utf16(`\ufeff${text}`, "be"), headers: typed("text/html") }),
  unlabelled: (text) => ({ bytes: utf16(`{"a":"${text}"}`, "be"), headers: typed("a/b") }),
  utf16Json: (text) => ({
    bytes: utf16(JSON.stringify([text]), "le"),
    headers: typed("application/json; charset=utf-16"),
  }),
  japanese: (text) => ({
    bytes: bytesOf(text.replaceAll(/^.../gs, "$&\u001b(B")),
    headers: typed("text/plain; charset=iso-2022-jp"),
  }),
  error: (text) => ({ bytes: bytesOf(text), status: 401 }),
};

const echoes = fc.record({
  spelt: spellings,
  place: fc.constantFrom(...Object.keys(PLACES)),
  coding: fc.constantFrom(...Object.keys(CODINGS)),
  around: fc.tuple(fc.stringMatching(/^[\w .,]{0,6}$/), fc.stringMatching(/^[\w .,]{0,6}$/)),
  charset: fc.constantFrom(undefined, "utf-16le", "utf-16be", "gb18030", "windows-1252"),
  read: fc.constantFrom("auto", "text", "base64", "json"),
  select: fc.constantFrom(undefined, "@", "reverse(to_string(@))", "keys(@)", "to_array(@)"),
});
type Echo = typeof echoes extends fc.Arbitrary<infer T> ? T : never;

/** The upstream's answer to a request that bears the secret. */
function answer({ spelt, place, coding, around }: Echo, secret: string): Response {
  const text = spelt.reduce((inner, name) => SPELLINGS[name]?.spell(inner) ?? inner, secret);
  const {
    bytes,
    status = 200,
    headers,
  } = PLACES[place]?.(around.join(text)) ?? {
    bytes: new Uint8Array(),
  };
  const encoded = CODINGS[coding]?.(bytes) ?? bytes;
  return new Response(new Uint8Array(encoded), {
    status,
    headers: {
      ...typed("text/plain"),
      ...headers,
      ...(coding !== "" && { "Content-Encoding": coding }),
    },
  });
}

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
          const spelt = all.map((echo) => echo.spelt);
          const isTold = (seen: unknown) => spelt.some((names) => tells(seen, secret, names));
          for (const { charset, read, select } of [...all, ...all]) {
            const call = preparedCall(
              { url: "https://up.example/x", charset, read, select, retries: 0 },
              upstream,
            );
            const deadline = wholeDeadline(outgoing.clock);
            const result = await runCall(call, context, deadline, 0);
            deadline.clear();
            expect([isTold(result), JSON.stringify(result)]).toEqual([false, expect.anything()]);
          }
          expect(elsewhere.filter(({ url, headers }) => isTold({ url, headers }))).toEqual([]);
        },
      ),
      { numRuns: 200 },
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
