import { it } from "vitest";
import { preferredLanguage } from "../../src/http/language";
import { LANGUAGES } from "../../src/lib/languages";

it.for([
  [undefined, "en"],
  ["", "en"],
  ["id", "id"],
  ["id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"],
  ["en-US,en;q=0.9,id;q=0.8", "en"],
  ["de, ID;q=0.5, en;q=0.4", "id"],
  ["id;q=0, de", "en"],
  ["*, id;q=0.5", "en"],
  ["ida, idx-id", "en"],
  ["id;q=none", "en"],
  [`${"x,".repeat(100_000)}id`, "en"],
] as const)("Accept-Language %s is answered in %s", ([field, language], { expect }) => {
  const headers = new Headers(field === undefined ? {} : { "Accept-Language": field });

  expect(preferredLanguage(headers, LANGUAGES)).toBe(language);
});
