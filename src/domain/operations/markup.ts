// Operations on HTML: character references, and removal of markup in one pass.
import { escapeUTF8 } from "entities/escape";
import { decodeReferences, parseCharacterNames } from "./character-references";
import { textOfUnits, unitsOf } from "../../lib/utf16";
import { wrongType } from "./errors";
import { madeText, PIECE_CHARS } from "./made";
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

/**
 * The text without tags, comments, scripts and templates; block elements leave a space. Runs in linear time.
 */
export function stripHtml(html: string): string {
  const parts = shownIn(html);
  const isLong = html.length > PIECE_CHARS;
  const text = isLong ? textOfUnits(unitsOf(parts, html.length)) : Array.from(parts).join("");
  return text.trim();
}

/** The parts of a text that are shown, and spaces between them. */
function* shownIn(html: string): Generator<string> {
  let hidden = 0;
  let [from, last] = [0, " "];
  for (let at = html.indexOf("<"); at !== -1;) {
    const markup = readMarkup(html, at);
    if (markup !== null) {
      const shown = hidden === 0 ? html.slice(from, at) : "";
      const space = hidden === 0 ? spaceAfter(shown, last, markup.text) : "";
      yield shown;
      yield space;
      last = (space || shown).at(-1) ?? last;
      hidden = Math.max(0, hidden + markup.hides);
      from = markup.end;
    }
    at = html.indexOf("<", markup?.end ?? at + 1);
  }
  if (hidden === 0) yield html.slice(from);
}

/** The space behind a part: none if there is one. */
function spaceAfter(shown: string, last: string, space: string): string {
  if (/\s/.test(shown.at(-1) ?? last)) return "";
  // A space after a literal `<`, which must not become markup together with the text that follows.
  return shown.endsWith("<") ? " " : space;
}

/** Characters of a long text that are escaped or decoded at a time. */
const PART_CHARS = 8 * 1024;

/** A long text in parts, of which all but the first begin with `&`, if there is one: no reference is cut. */
function* partsOf(html: string): Generator<string> {
  for (let from = 0; from < html.length;) {
    const at = html.indexOf("&", from + PART_CHARS);
    const end = at === -1 ? html.length : at;
    yield html.slice(from, end);
    from = end;
  }
}

function* slicesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += PART_CHARS)
    yield text.slice(from, from + PART_CHARS);
}

function* mapped(parts: Iterable<string>, map: (part: string) => string): Generator<string> {
  for (const part of parts) yield map(part);
}

const escape = (text: string) => escapeUTF8(text).replaceAll("\u00A0", "&nbsp;");

const useCharacterNames = lazyTable("character-references.json", parseCharacterNames);

/** Decodes at once if there is no reference or the table is loaded already; otherwise returns a promise. */
function unescapeHtml(html: string, run: Run): unknown {
  if (!html.includes("&")) return html;
  return useCharacterNames(run, (names) =>
    html.length > PIECE_CHARS
      ? madeText(
          mapped(partsOf(html), (part) => decodeReferences(part, names)),
          html.length,
        )
      : decodeReferences(html, names),
  );
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
    make: () => (text) =>
      text.length > PART_CHARS ? madeText(mapped(slicesOf(text), escape), Infinity) : escape(text),
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
