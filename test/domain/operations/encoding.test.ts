import * as fc from "fast-check";
import { describe, it } from "vitest";
import { oneOutput, refusalOf } from "./run-operation";

const wellFormed = fc.string({ unit: "binary" });

describe("base64", () => {
  it.for([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ] as const)("matches RFC 4648 §10: %j is %j", async ([text, encoded], { expect }) => {
    expect(await oneOutput("base64_encode", text)).toBe(encoded);
    expect(await oneOutput("base64_decode", encoded)).toBe(text);
  });

  it("decoded gives back any text, in either alphabet", async ({ expect }) => {
    const alphabet = fc.constantFrom("standard", "url");
    await fc.assert(
      fc.asyncProperty(wellFormed, alphabet, async (text, name) => {
        const pipeline = [{ name: "base64_encode", alphabet: name }, "base64_decode"];
        expect(await oneOutput(pipeline, text)).toBe(text);
      }),
    );
  });

  it("for URLs has no character that a URL would change", async ({ expect }) => {
    expect(await oneOutput({ name: "base64_encode", alphabet: "url" }, "ûÿþ?>")).toBe(
      "w7vDv8O-Pz4",
    );
  });

  it("of a large text fits the stack", async ({ expect }) => {
    const text = "é".repeat(300_000);
    expect(await oneOutput(["base64_encode", "base64_decode"], text)).toBe(text);
  });

  it("refuses what it is not, and bytes that are no text", async ({ expect }) => {
    expect(await refusalOf("base64_decode", "@@@")).toBe("invalid-value");
    expect(await refusalOf("base64_decode", "gICA")).toBe("invalid-value");
    expect(await refusalOf("base64_encode", 5)).toBe("wrong-type");
  });
});

describe("percent-encoding", () => {
  it("encodes all but the unreserved characters of RFC 3986 §2.3", async ({ expect }) => {
    const unreserved = "ABCXYZabcxyz0123456789-._~";
    expect(await oneOutput("url_encode", unreserved)).toBe(unreserved);
    expect(await oneOutput("url_encode", ":/?#[]@!$&'()*+,;=")).toBe(
      "%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D",
    );
    expect(await oneOutput("url_encode", "ア")).toBe("%E3%82%A2");
  });

  it("decoded gives back any text", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(wellFormed, async (text) => {
        expect(await oneOutput(["url_encode", "url_decode"], text)).toBe(text);
      }),
    );
  });

  it("reads a plus as a space only when asked", async ({ expect }) => {
    expect(await oneOutput("url_decode", "a+b")).toBe("a+b");
    expect(await oneOutput({ name: "url_decode", plus_is_space: true }, "a+b%2B")).toBe("a b+");
  });

  it("refuses half a character", async ({ expect }) => {
    expect(await refusalOf("url_encode", "\ud800")).toBe("invalid-value");
    expect(await refusalOf("url_decode", "%E3%82")).toBe("invalid-value");
    expect(await refusalOf("url_decode", "100%")).toBe("invalid-value");
  });
});
