import { it } from "vitest";
import { fillSecrets } from "../../src/lib/fill-secrets";

const secrets = (name: string) =>
  ({ TOKEN: "t0p", OTHER: "s3cret", NESTED: "${TOKEN}", DOLLARS: "$&$1$$", EMPTY: "" })[name];

it("leaves a text without secrets as it is", ({ expect }) => {
  for (const text of ["", "plain", "$TOKEN", "{TOKEN}", "100 $"]) {
    expect(fillSecrets(text, secrets)).toEqual({ text, secrets: [] });
  }
});

it("fills every secret, and tells which values it used", ({ expect }) => {
  expect(fillSecrets("Bearer ${TOKEN}:${OTHER}/${TOKEN}", secrets)).toEqual({
    text: "Bearer t0p:s3cret/t0p",
    secrets: ["t0p", "s3cret", "t0p"],
  });
});

it("takes a secret for what it is: nothing in it is filled or replaced again", ({ expect }) => {
  expect(fillSecrets("<${NESTED}>", secrets).text).toBe("<${TOKEN}>");
  expect(fillSecrets("<${DOLLARS}>", secrets).text).toBe("<$&$1$$>");
});

it.for(["MISSING", "EMPTY"])("refuses a secret that is not set: %s", (name, { expect }) => {
  expect(() => fillSecrets(`a \${TOKEN} \${${name}}`, secrets)).toThrow(
    new TypeError(`\${${name}} is not set`),
  );
});
