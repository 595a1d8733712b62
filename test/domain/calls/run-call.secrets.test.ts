import * as v from "valibot";
import { describe, it } from "vitest";
import { CallResult } from "../../../src/domain/calls/external-api";
import { runCall } from "../../../src/domain/calls/run-call";
import { callContext, json, preparedCall, upstreamOf } from "../../support/fake-calls";
import {
  fakeOutgoing,
  redirect,
  wholeDeadline,
  type FakeOutgoing,
} from "../../support/fake-outgoing";

const SECRET = "s3cr3t/val+ue";
const HEADERS = { authorization: "Bearer ${KEY}" };

/** Runs a call of an upstream with a secret, and checks the receipt's form. */
async function run(outgoing: FakeOutgoing, settings = {}): Promise<CallResult> {
  const upstream = upstreamOf({ headers: HEADERS, ...settings }, { KEY: SECRET });
  const deadline = wholeDeadline(outgoing.clock);
  const call = preparedCall({ headers: { Authorization: "mine" } }, upstream);
  const result = await runCall(call, callContext(outgoing), deadline, 0);
  deadline.clear();
  return v.parse(CallResult, result);
}

/** All that a caller is told, with the bytes of base64 as text. */
function told(result: CallResult): string {
  const isBase64 = result.status === "fulfilled" && result.body_type === "base64";
  return JSON.stringify(result) + (isBase64 ? atob(String(result.body)) : "");
}

const typed = (type: string) => ({ headers: { "Content-Type": type } });
const asUnicodeEscapes = (text: string) =>
  Array.from(text, (char) => `\\u00${char.charCodeAt(0).toString(16)}`).join("");
const asUtf16 = (text: string) =>
  new Uint8Array(Array.from(text, (char) => [char.charCodeAt(0), 0]).flat());
const lowerCaseEncoded = (text: string) =>
  encodeURIComponent(text).replaceAll(/%../g, (hex) => hex.toLowerCase());

describe("a call of a named upstream", () => {
  it("is sent with the operator's headers instead of the caller's", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => json(1));
    await run(outgoing);
    expect(outgoing.sent[0]?.headers["authorization"]).toBe(`Bearer ${SECRET}`);
  });

  it.for<[string, (secret: string) => Response]>([
    ["a header", (secret) => new Response(null, { headers: { "X-Echo": secret } })],
    ["a text", (secret) => new Response(`you sent ${secret}`)],
    ["a failure", (secret) => json({ wrong: secret }, { status: 401 })],
    ["JSON", (secret) => json({ echo: [secret], [secret]: 1 })],
    [
      "JSON with escapes",
      (secret) => new Response(`{"a":"${asUnicodeEscapes(secret)}"}`, typed("application/json")),
    ],
    [
      "JSON with escaped slashes, declared as HTML",
      (secret) => new Response(`"${secret.replace("/", "\\/")}"`, typed("text/html")),
    ],
    ["a percent-encoded text", (secret) => new Response(encodeURIComponent(secret))],
    ["a text percent-encoded in lower case", (secret) => new Response(lowerCaseEncoded(secret))],
    ["bytes", (secret) => new Response(new Blob([new Uint8Array([0xff]), secret]))],
    ["UTF-16", (secret) => new Response(asUtf16(secret), typed("text/plain; charset=utf-16le"))],
  ])("does not return the secret that is repeated in %s", async ([, respond], { expect }) => {
    const result = await run(fakeOutgoing(() => respond(SECRET)));
    expect(result).toMatchObject({ status: "fulfilled" });
    expect(told(result)).not.toContain("s3cr3t");
  });

  it.for(["12345678", "12345678.0", "1.2345678e7", "1.2345678E+07", "123456780e-1"])(
    "does not return a secret of digits that is repeated as %s",
    async (number, { expect }) => {
      const outgoing = fakeOutgoing(
        () => new Response(`{"n":${number}}`, typed("application/json")),
      );
      const upstream = upstreamOf({ headers: HEADERS }, { KEY: "12345678" });
      const deadline = wholeDeadline(outgoing.clock);
      const result = await runCall(preparedCall({}, upstream), callContext(outgoing), deadline, 0);
      expect(result).toMatchObject({
        body_type: "json",
        body: { n: expect.stringContaining("*") },
      });
      expect(JSON.stringify(result)).not.toContain("2345678");
    },
  );

  it("does not return the secret in the URL of a redirect", async ({ expect }) => {
    const outgoing = fakeOutgoing((_, index) =>
      index ? json(1) : redirect(302, `/?key=${encodeURIComponent(SECRET)}`),
    );
    const result = await run(outgoing);
    expect(result).toMatchObject({ redirects: 1 });
    expect(told(result)).not.toContain("s3cr3t");
  });

  it("does not send the secret to another origin, nor to a path that is not open", async ({
    expect,
  }) => {
    const locations = ["https://other.example/", "https://up.example/closed"];
    const outgoing = fakeOutgoing((_, index) =>
      index < 2 ? redirect(302, locations[index] ?? "") : json(1),
    );
    await run(outgoing, { paths: ["/"] });
    expect(outgoing.sent.map(({ headers }) => headers["authorization"])).toEqual([
      `Bearer ${SECRET}`,
      undefined,
      undefined,
    ]);
  });

  it("does not return the secret from the cache", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response(SECRET));
    const upstream = upstreamOf({ headers: HEADERS, cache_seconds: 60 }, { KEY: SECRET });
    const context = callContext(outgoing);
    for (const cache of ["miss", "hit"]) {
      const deadline = wholeDeadline(outgoing.clock);
      const result = await runCall(preparedCall({}, upstream), context, deadline, 0);
      expect(result).toMatchObject({ cache, body: "*".repeat(SECRET.length) });
    }
  });
});
