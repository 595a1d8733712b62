// Mails: no text becomes a header, and each service gets what its documents say.
import { describe, it } from "vitest";
import {
  createMail,
  createMailService,
  parseSender,
  type Mail,
} from "../../../src/domain/mail/mail";
import { createMailRequest, toBindingMessage } from "../../../src/domain/mail/mail-request";
import { verifyWebhook } from "../../support/verify-webhook";

const KEY = `whsec_${btoa("a".repeat(24))}`;
const MAIL: Mail = {
  from: "Serentak <serentak@example.com>",
  to: ["ada@example.com"],
  reply_to: "grace@example.com",
  subject: "Hello",
  text: "Hello",
  html: "<p>Hello</p>",
  headers: { "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
};

describe("a mail", () => {
  it.for([
    ["a recipient", { to: ["a@example.com\r\nBcc: b@example.com"] }],
    ["a recipient among others", { to: ["a@example.com", "nobody"] }],
    ["whom to answer", { reply_to: "a@example.com, b@example.com" }],
    ["a sender", { from: "Name\r\nBcc: b@example.com <a@example.com>" }],
    [
      "a header's value",
      { headers: { "List-Unsubscribe": "<https://a.example>\r\nBcc: b@example.com" } },
    ],
    ["a header's name", { headers: { "X\r\nBcc": "b@example.com" } }],
  ] as const)("takes no further header from %s", ([, parts], { expect }) => {
    expect(() =>
      createMail({ ...MAIL, ...parts, to: [...("to" in parts ? parts.to : MAIL.to)] }),
    ).toThrow(TypeError);
  });

  it("has a subject of one line, whatever it is made of", ({ expect }) => {
    const { subject } = createMail({ ...MAIL, subject: "a\r\nBcc: b\u2028c\u202ed" });
    expect(subject).toBe("a Bcc: b c d");
  });
});

it("a sender is an address, alone or behind a name", ({ expect }) => {
  expect(parseSender("a@example.com")).toEqual({ name: null, address: "a@example.com" });
  expect(parseSender("Ada L. <a@example.com>")).toEqual({
    name: "Ada L.",
    address: "a@example.com",
  });
  for (const text of ["", "Ada", "Ada <a>", '"x" <a@example.com>', "a@example.com\n"])
    expect(parseSender(text)?.address ?? null, text).toBe(
      text === "a@example.com\n" ? "a@example.com" : null,
    );
});

describe("MAIL", () => {
  const secret = (name: string) => (name === "MAIL_KEY" ? KEY : undefined);

  it("by Resend sends with a key, once for each id", async ({ expect }) => {
    const service = createMailService({ via: "resend", from: MAIL.from, secret: "re_key" }, secret);
    if (service.via !== "resend") throw new Error("Not Resend");
    const { url, headers, body } = await createMailRequest(service, MAIL, "id-1", 0);
    expect(url.href).toBe("https://api.resend.com/emails");
    expect(headers).toMatchObject({ authorization: "Bearer re_key", "idempotency-key": "id-1" });
    expect(JSON.parse(body)).toMatchObject({
      to: ["ada@example.com"],
      reply_to: "grace@example.com",
    });
  });

  it("by a webhook sends all of it, signed", async ({ expect }) => {
    const settings = {
      via: "webhook" as const,
      from: MAIL.from,
      secret: "${MAIL_KEY}",
      url: "https://mail.example/",
    };
    const service = createMailService(settings, secret);
    if (service.via !== "webhook") throw new Error("No webhook");
    const { headers, body } = await createMailRequest(service, MAIL, "id-1", Date.now());
    expect(verifyWebhook(KEY, body, headers)).toEqual(MAIL);
  });

  it("by the binding has its names", ({ expect }) => {
    expect(toBindingMessage(MAIL)).toMatchObject({
      from: { name: "Serentak", email: "serentak@example.com" },
      replyTo: "grace@example.com",
    });
  });

  it.for([
    [{ via: "resend", from: "nobody", secret: "k" }],
    [{ via: "resend", from: "a@example.com", secret: "a key" }],
    [{ via: "webhook", from: "a@example.com", secret: KEY, url: "mailto:a@example.com" }],
    [{ via: "webhook", from: "a@example.com", secret: "short", url: "https://a.example" }],
    [{ via: "resend", from: "a@example.com", secret: "${NO_SUCH}" }],
  ] as const)("may not be %o", ([settings], { expect }) => {
    expect(() => createMailService(settings, secret)).toThrow(TypeError);
  });
});
