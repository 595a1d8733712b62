// GET /thanks: where a form leads that names no page of its own.
import { afterEach, it, vi } from "vitest";
import { SITE } from "../../support/forms";
import { send } from "../../support/worker";

afterEach(() => vi.restoreAllMocks());

const thanks = async (vars: object = {}, headers: Record<string, string> = {}) =>
  (await send("/thanks?utm_source=x", { headers }, { ...vars })).text();

it("thanks in the visitor's language, and leads back", async ({ expect }) => {
  const inEnglish = await thanks({}, { Referer: `${SITE}/` });
  expect(inEnglish).toContain("<h1>Thank you</h1>\n<p>We have received what you sent.</p>");
  expect(inEnglish).toContain('<a href="https://site.example/">');
  expect(await thanks({}, { "Accept-Language": "id" })).toContain('<html lang="id">');
});

it("thanks in the words of THANKS", async ({ expect }) => {
  const own = await thanks({ THANKS: "We <call> you.\n\nSoon." });
  expect(own).toContain("<p>We &lt;call&gt; you.</p>\n<p>Soon.</p>");

  const table = { THANKS: { de: "Danke!", id: "Makasih ya!" } };
  const languages = { "Accept-Language": "id" };
  for (const vars of [table, { THANKS: JSON.stringify(table.THANKS) }]) {
    expect(await thanks(vars, languages)).toContain('<p lang="id">Makasih ya!</p>');
    expect(await thanks(vars, { "Accept-Language": "fr" })).toContain('<p lang="de">Danke!</p>');
  }
});

it.for([[5], [{ en: 5 }], [{ "not a tag": "x" }], ["{"], [["x"]], ["x".repeat(2001)]])(
  "is refused where THANKS cannot be read: %j",
  async ([THANKS], { expect }) => {
    vi.spyOn(console, "error").mockReturnValue();
    const response = await send("/users", {}, { THANKS });
    expect(response.status).toBe(500);
  },
);
