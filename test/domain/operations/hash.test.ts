import { describe, it } from "vitest";
import { oneOutput, outputOf, refusalOf } from "./run-operation";

const LONG = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

describe("digests match the examples of FIPS 180", () => {
  it.for([
    ["sha1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
    ["sha1", LONG, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"],
    ["sha256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["sha256", LONG, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
    [
      "sha512",
      "",
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    ],
  ] as const)("%s of %j", async ([name, text, digest], { expect }) => {
    expect(await oneOutput(name, text)).toBe(digest);
  });

  it("as base64 where asked", async ({ expect }) => {
    expect(await oneOutput({ name: "sha1", encoding: "base64" }, "abc")).toBe(
      "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
    );
  });

  it("of the UTF-8 bytes", async ({ expect }) => {
    expect(await oneOutput("crc32", "é")).not.toBe(await oneOutput("crc32", "e"));
    expect(await refusalOf("sha256", 5)).toBe("wrong-type");
  });
});

it("CRC-32 has its check value, and those of the ends", async ({ expect }) => {
  expect(
    await outputOf("crc32", ["123456789", "", "The quick brown fox jumps over the lazy dog"]),
  ).toEqual(["cbf43926", "00000000", "414fa339"]);
});

describe("uuid", () => {
  it("of a name is the one of RFC 9562 §A.4, in every name space", async ({ expect }) => {
    const dns = { name: "uuid", version: 5, namespace: "dns" };
    expect(await oneOutput(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    const own = { ...dns, namespace: "6BA7B810-9DAD-11D1-80B4-00C04FD430C8" };
    expect(await oneOutput(own, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    expect(await refusalOf(dns, 5)).toBe("wrong-type");
  });

  it("is new and random for every item otherwise", async ({ expect }) => {
    const ids = (await outputOf("uuid", ["a", "a", null])) as string[];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });
});
