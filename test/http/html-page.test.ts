// The parts that all pages share: their policy, and the one style that it allows.
import { it } from "vitest";
import { renderPage } from "../../src/http/html-page";
import { markup } from "../../src/lib/markup";

const page = {
  language: "id",
  title: "Terima <kasih>",
  content: [markup`<p>${"<x>"}</p>`],
} as const;

it("a page allows its own style by hash, and nothing else", async ({ expect }) => {
  const { headers, text } = renderPage(page);
  const [, style = ""] = /<style>(.*)<\/style>/s.exec(text) ?? [];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = new Uint8Array(digest).toBase64();

  expect(headers["Content-Security-Policy"].split("; ")).toEqual([
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

it("a page says its language and escapes its title", ({ expect }) => {
  const { text } = renderPage(page);

  expect(text).toContain('<html lang="id">');
  expect(text).toContain("<h1>Terima &lt;kasih&gt;</h1>\n<p>&lt;x&gt;</p>");
});

it("a page's forms may lead to us, and where it is said", ({ expect }) => {
  const formTargets = ["https://site.example"];
  const policy = renderPage({ ...page, formTargets }).headers["Content-Security-Policy"];

  expect(policy).toContain("form-action 'self' https://site.example;");
});
