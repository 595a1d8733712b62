// Signatures as receivers check them: with the libraries of others.
import { assert, asyncProperty, string, uint8Array } from "fast-check";
import { describe, it } from "vitest";
import { decodeWebhookSecret, signWebhook } from "../../../src/domain/outgoing/webhook-signature";
import { verifyWebhook } from "../../support/verify-webhook";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET = "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWNoYW5uZWwtMzI=";

function keyOf(secret: string): Uint8Array {
  const key = decodeWebhookSecret(secret);
  if (key === null) throw new Error("No key");
  return key;
}

function message(body: string) {
  return { id: "msg_1", timestamp: Math.floor(Date.now() / 1000), body };
}

describe("a signature", () => {
  it("is the one of the known answer", async ({ expect }) => {
    const known = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    };
    expect(await signWebhook(known, [keyOf(SECRET)])).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("verifies with standardwebhooks and with svix, whatever the body", async ({ expect }) => {
    const bodies = string({ unit: "binary", maxLength: 200 }).map((text) => text.toWellFormed());
    await assert(
      asyncProperty(bodies, uint8Array({ minLength: 24, maxLength: 64 }), async (text, key) => {
        const body = JSON.stringify({ text });
        const headers = await signWebhook(message(body), [key]);
        const secret = `whsec_${btoa(String.fromCharCode(...key))}`;
        expect(verifyWebhook(secret, body, headers)).toEqual({ text });
      }),
      { numRuns: 50 },
    );
  });

  it("is made with either secret while one replaces the other", async ({ expect }) => {
    const headers = await signWebhook(message("{}"), [keyOf(SECRET), keyOf(NEXT_SECRET)]);
    expect(headers["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
    for (const secret of [SECRET, NEXT_SECRET]) {
      expect(verifyWebhook(secret, "{}", headers)).toEqual({});
    }
  });

  it("holds for this body, id, time and secret alone", async ({ expect }) => {
    const sent = message('{"a":1}');
    const headers = await signWebhook(sent, [keyOf(SECRET)]);
    const verify = (secret: string, body: string, changes = {}) =>
      verifyWebhook(secret, body, { ...headers, ...changes });
    const later = String(sent.timestamp + 1);
    expect(verify(SECRET, sent.body)).toEqual({ a: 1 });
    expect(() => verify(SECRET, '{"a":2}')).toThrow(/signature/i);
    expect(() => verify(SECRET, sent.body, { "webhook-id": "msg_2" })).toThrow(/signature/i);
    expect(() => verify(SECRET, sent.body, { "webhook-timestamp": later })).toThrow(/signature/i);
    expect(() => verify(NEXT_SECRET, sent.body)).toThrow(/signature/i);
  });
});

describe("a secret", () => {
  it("is base64 of 24 to 64 bytes, with or without its prefix", ({ expect }) => {
    for (const length of [24, 32, 64]) {
      const encoded = btoa("k".repeat(length));
      expect(decodeWebhookSecret(encoded)).toEqual(new Uint8Array(length).fill(107));
      expect(decodeWebhookSecret(`whsec_${encoded}`)).toEqual(decodeWebhookSecret(encoded));
    }
  });

  it.for([
    "",
    "whsec_",
    "whsec_password",
    `whsec_${btoa("k".repeat(23))}`,
    `whsec_${btoa("k".repeat(65))}`,
    "whsec_not base64, not at all, by no means!",
    `whsk_${btoa("k".repeat(32))}`,
  ])("is not %j", (secret, { expect }) => {
    expect(decodeWebhookSecret(secret)).toBeNull();
  });
});
