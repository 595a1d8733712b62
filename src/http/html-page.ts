// Small pages for people: thanks, refusals, questions with one button. They load nothing, run nothing, and
// cannot be framed; whatever they contain is escaped by `markup`.
import { markup, Html } from "../lib/markup";
import type { ReplyHeaderName } from "./header-names";
import type { Language } from "../lib/languages";
import { Reply, Text } from "./reply";

/** A page, without the parts that all pages share. */
export interface HtmlPage {
  /** The language of its texts; an element in another one has a `lang` of its own. */
  readonly language: Language;
  readonly title: string;
  /** The elements below the heading, such as paragraphs. */
  readonly content: readonly Html[];
  /**
   * Origins besides ours to which a form of this page may lead, also by a redirect; undefined for a page
   * without a form.
   */
  readonly formTargets?: readonly string[] | undefined;
}

/** Header fields that every page has besides those of every reply, for the definitions of routes. */
export const HTML_PAGE_HEADERS: readonly ReplyHeaderName[] = [
  "Content-Security-Policy",
  "Referrer-Policy",
];

/**
 * Works down to 320 px: long words break, and nothing has a fixed width. The colours of text are the
 * browser's own for the visitor's scheme; its links would be too faint in the dark.
 */
const STYLE =
  ":root{color-scheme:light dark;font:1.0625rem/1.5 system-ui,sans-serif}" +
  "body{max-width:36rem;margin:0 auto;padding:1.5rem 1rem;overflow-wrap:anywhere}" +
  "a{color:inherit}h1{font-size:1.5rem;line-height:1.25}li{margin-block:.5rem}" +
  "form{display:flex;flex-wrap:wrap;gap:.75rem;margin-block:1rem}" +
  "button{font:inherit;min-height:2.75rem;padding:.5rem 1rem;max-width:100%;overflow-wrap:anywhere}";
/** The only style that the pages' policy allows, by its hash. */
const STYLE_HASH = "sha256-FBHcpwgEOeW6n5Ta9gokD4X0HNYv8Aiko0g2kOnZJTE=";

/** The media type of every page. */
export const HTML_TYPE = "text/html; charset=utf-8";

/** The headers and the text of a page. */
export function renderPage({ language, title, content, formTargets }: HtmlPage) {
  const { text } = markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  const targets = formTargets === undefined ? ["'none'"] : ["'self'", ...formTargets];
  const headers = {
    "Content-Security-Policy": `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action ${targets.join(" ")}; frame-ancestors 'none'`,
    // Hides the address, which may contain a token, from other sites. Forms to ourselves still tell their
    // origin, which `no-referrer` would hide.
    "Referrer-Policy": "same-origin",
  };
  return { headers, text };
}

/** The reply with a page, for a handler to return. The status is the route's unless given. */
export function pageReply(page: HtmlPage, status?: number): Reply<Text> {
  const { headers, text } = renderPage(page);
  return new Reply(new Text(HTML_TYPE, text), {
    ...(status !== undefined && { status }),
    headers,
  });
}
