// Signed links: what one lets its holder do, and what it does not.
import { describe, it } from "vitest";
import {
  createSigner,
  LINK_LIFE_MS,
  linkUrl,
  readLink,
  toBase64Url,
  type Link,
} from "../../../src/domain/links/link";
import { KEY_LIFE_MS, renewKeys, type LinkKeys } from "../../../src/domain/links/link-keys";

const NOW = Date.UTC(2026, 10, 28, 9);
const ID = "01935a1e-8f2b-7c3d-9e4f-5a6b7c8d9e0f";
const OTHER = "01935a1e-8f2b-7c3d-9e4f-5a6b7c8d9e10";

const createSecret = () => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
const KEYS = renewKeys(null, NOW, createSecret);

async function tokenOf(link: Partial<Link> = {}, keys: LinkKeys = KEYS): Promise<string> {
  const sign = await createSigner(keys, NOW);
  return sign({ purpose: "confirm", recordId: ID, next: null, ...link });
}

describe("a link", () => {
  it("holds its purpose, record, expiry and next page, and none of a person", async ({
    expect,
  }) => {
    for (const purpose of ["confirm", "unsubscribe"] as const) {
      for (const next of [null, "https://site.example/thanks?a=b#é"]) {
        const token = await tokenOf({ purpose, next });
        expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
        expect(await readLink(token, KEYS)).toEqual({
          purpose,
          recordId: ID,
          expiresAt: NOW + LINK_LIFE_MS[purpose],
          next,
        });
        expect(linkUrl("https://api.example", { purpose }, token)).toBe(
          `https://api.example/users/${purpose}?token=${token}`,
        );
      }
    }
  });

  it("is nothing once a character of it is changed, added or missing", async ({ expect }) => {
    const token = await tokenOf({ next: "https://site.example/" });
    expect(await readLink(token, KEYS)).not.toBeNull();
    const dot = token.indexOf(".");
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await readLink(changed, KEYS)).toBeNull();
      expect(await readLink(token.slice(0, at), KEYS)).toBeNull();
    }
    for (const text of [
      "",
      ".",
      token.slice(dot),
      `${token}A`,
      `A${token}`,
      `${token}=`,
      ` ${token}`,
    ])
      expect(await readLink(text, KEYS)).toBeNull();
  });

  it("cannot be put together from parts of others", async ({ expect }) => {
    const links = [
      await tokenOf({}),
      await tokenOf({ recordId: OTHER }),
      await tokenOf({ purpose: "unsubscribe" }),
      await tokenOf({ next: "https://site.example/" }),
    ].map((token) => token.split("."));
    for (const [content] of links) {
      for (const [own, signature] of links) {
        const isOwn = own === content;
        const found = await readLink(`${content}.${signature}`, KEYS);
        expect(found === null).toBe(!isOwn);
      }
    }
  });

  it("is not signed by an empty or another key", async ({ expect }) => {
    const token = await tokenOf({}, renewKeys(null, NOW, createSecret));
    expect(await readLink(token, KEYS)).toBeNull();
  });
});

describe("the keys", () => {
  it("are replaced after ninety days, and the one before stays valid", async ({ expect }) => {
    const early = await tokenOf({ purpose: "unsubscribe" });
    expect(renewKeys(KEYS, NOW + KEY_LIFE_MS - 1, createSecret)).toBe(KEYS);
    const second = renewKeys(KEYS, NOW + KEY_LIFE_MS, createSecret);
    expect(second.before).toEqual(KEYS.current);
    expect(second.current.secret).not.toBe(KEYS.current.secret);
    expect(await readLink(early, second)).toMatchObject({ recordId: ID });
    expect(await readLink(await tokenOf({}, second), second)).toMatchObject({ recordId: ID });
    const third = renewKeys(second, NOW + 2 * KEY_LIFE_MS, createSecret);
    expect(third.before).toEqual(second.current);
    expect(await readLink(early, third)).toBeNull();
  });

  it("outlive every link that they sign", ({ expect }) => {
    expect(Math.max(...Object.values(LINK_LIFE_MS))).toBeLessThanOrEqual(KEY_LIFE_MS);
  });
});
