// Operations on HTML: character references, and removal of markup in one pass.
import { escapeUTF8 } from "entities/escape";
import { decodeReferences, parseCharacterNames } from "./character-references";
import { wrongType } from "./errors";
import { itemOperation, type OperationDefinition, type Run, textOperation } from "./operation";
import { lazyTable } from "./tables";

/** Elements that a browser shows on lines, in cells or boxes of their own (HTML §15.3): they separate words. */
const BLOCK_ELEMENTS = new Set(
  [
    "address article aside blockquote body br button caption center col colgroup dd details dialog dir div dl dt",
    "fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html",
    "iframe input legend li listing main menu nav noembed noframes noscript ol optgroup option p plaintext pre",
    "search section select summary table tbody td textarea tfoot th thead title tr ul xmp",
  ]
    .join(" ")
    .split(" "),
);

// A comment, a declaration, or an end tag without a name (HTML §13.2.5). An unclosed one swallows the rest of
// the text, as in a browser. No character can be read in two ways, so nothing is read twice.
const NO_ELEMENT = /<!--(?:-?>|[^]*?(?:--!?>|$))|<(?:[!?]|\/(?![a-z]|$))[^>]*>?/iy;
const TAG_NAME = /<(\/?)([a-z][^\t\n\f\r />]*)/iy;
const ATTRIBUTE =
  /[\t\n\f\r /]*(?:[^\t\n\f\r />][^\t\n\f\r />=]*(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"[^"]*"?|'[^']*'?|[^\t\n\f\r >"'][^\t\n\f\r >]*)?)?)?/y;
// Without the flag `u`, `i` makes letters match those of ASCII only, as HTML does.
const RAW_ENDS = new Map(
  ["script", "style", "iframe", "noembed", "noframes"].map((name) => [
    name,
    new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, "gi"),
  ]),
);

/** Matches a pattern at a place if it is sticky, else at or after it. */
function matchFrom(pattern: RegExp, html: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(html);
}

/** The end of a tag whose name ends at `from`. */
function endOfTag(html: string, from: number): number {
  let at = from;
  while (at < html.length && html.charAt(at) !== ">") {
    at += matchFrom(ATTRIBUTE, html, at)?.[0].length ?? 0;
  }
  return at + 1;
}

interface Markup {
  readonly end: number;
  /** Text that replaces the markup: a space or nothing. */
  readonly text: string;
  /** Change of the depth of hidden elements: 1 at the start of one, -1 at its end, else 0. */
  readonly hides: number;
}

/** Reads the markup that begins with the `<` at a place; null if that is text. */
function readMarkup(html: string, at: number): Markup | null {
  const other = matchFrom(NO_ELEMENT, html, at);
  if (other !== null) return { end: at + other[0].length, text: "", hides: 0 };
  const tag = matchFrom(TAG_NAME, html, at);
  return tag && readTag(html, tag);
}

function readTag(html: string, tag: RegExpExecArray): Markup {
  const [all, slash, written = ""] = tag;
  const name = written.toLowerCase();
  const end = endOfTag(html, tag.index + all.length);
  const text = BLOCK_ELEMENTS.has(name) ? " " : "";
  const hides = name === "template" ? 1 : 0;
  if (slash === "/") return { end, text, hides: -hides };
  const rawEnd = RAW_ENDS.get(name);
  if (rawEnd === undefined) return { end, text: hides > 0 ? " " : text, hides };
  // The end tag itself is read next.
  return { end: matchFrom(rawEnd, html, end)?.index ?? html.length, text: " ", hides };
}

/** Adds a text and the space behind it, unless there is one. */
function add(parts: string[], text: string, space: string): void {
  if (text !== "") parts.push(text);
  if (space !== "" && !/\s/.test(parts.at(-1)?.at(-1) ?? " ")) parts.push(space);
}

/**
 * The text without tags, comments, scripts and templates; block elements leave a space. Runs in linear time.
 */
export function stripHtml(html: string): string {
  const parts: string[] = [];
  let hidden = 0;
  let from = 0;
  for (let at = html.indexOf("<"); at !== -1;) {
    const markup = readMarkup(html, at);
    if (markup !== null) {
      const shown = html.slice(from, at);
      // A space after a literal `<`, which must not become markup together with the text that follows.
      if (hidden === 0) add(parts, shown, shown.endsWith("<") ? " " : markup.text);
      hidden = Math.max(0, hidden + markup.hides);
      from = markup.end;
    }
    at = html.indexOf("<", markup?.end ?? at + 1);
  }
  if (hidden === 0) parts.push(html.slice(from));
  return parts.join("").trim();
}

const useCharacterNames = lazyTable("character-references.json", parseCharacterNames);

/** Decodes at once if there is no reference or the table is loaded already; otherwise returns a promise. */
function unescapeHtml(html: string, run: Run): string | Promise<string> {
  if (!html.includes("&")) return html;
  return useCharacterNames(run, (names) => decodeReferences(html, names));
}

/** All operations on HTML. */
export const markupOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "html_escape",
    summary: "Text safe inside HTML: `& < > \" '` and the no-break space as character references",
    parameters: {},
    example: {
      input: ["<b>\"A\" & 'B'</b>\u00A0C"],
      output: ["&lt;b&gt;&quot;A&quot; &amp; &apos;B&apos;&lt;/b&gt;&nbsp;C"],
    },
    price: { per_item: 50, per_character: 5 },
    make: () => (text) => escapeUTF8(text).replaceAll("\u00A0", "&nbsp;"),
  }),
  itemOperation({
    name: "html_unescape",
    summary: "Character references, named (HTML5) and numeric, as characters",
    parameters: {},
    price: { per_item: 100, per_character: 9 },
    example: {
      input: ["&lt;b&gt; &eacute;&#x1F600;&nbsp;&amp;amp;"],
      output: ["<b> é😀\u00A0&amp;"],
    },
    make: () => (item, run) => {
      if (typeof item !== "string") throw wrongType("text", item);
      return unescapeHtml(item, run);
    },
  }),
  textOperation({
    name: "strip_html",
    summary:
      "Text without tags, comments, scripts, styles, frames and templates; character references stay",
    parameters: {},
    example: {
      input: ["<p>Hello <b title='a>b'>world</b></p><p>2 < 3</p><script>x()</script>"],
      output: ["Hello world 2 < 3"],
    },
    price: { per_item: 100, per_character: 9 },
    make: () => stripHtml,
  }),
];
