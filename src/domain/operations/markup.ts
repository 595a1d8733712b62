// HTML: character references, and markup stripped. One pass, no pattern that looks back.
import { escapeUTF8 } from "entities/escape";
import { type CharacterNames, decodeReferences, parseCharacterNames } from "./character-references";
import { wrongType } from "./errors";
import { itemOperation, type OperationDefinition, type Run, textOperation } from "./operation";

/** Elements whose content is no text. */
const RAW_ELEMENTS = new Set(["script", "style", "template"]);

/** Elements that part words without any space in the source. */
const BLOCK_ELEMENTS = new Set(
  "address article aside blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table td th tr ul".split(
    " ",
  ),
);

const TAG_NAME = /[a-z][a-z0-9]*/iy;

function tagNameAt(html: string, at: number): string {
  TAG_NAME.lastIndex = at;
  return TAG_NAME.exec(html)?.[0].toLowerCase() ?? "";
}

/** Where `needle` ends, or the end of the text: an unclosed construct swallows the rest, as in a browser. */
function endOf(html: string, needle: string, from: number): number {
  const at = html.indexOf(needle, from);
  return at === -1 ? html.length : at + needle.length;
}

/** The end of the tag that starts at `from`; a `>` inside a quoted attribute does not end it. */
function endOfTag(html: string, from: number): number {
  let quote = "";
  for (let at = from; at < html.length; at += 1) {
    const char = html.charAt(at);
    if (quote !== "") quote = char === quote ? "" : quote;
    else if (char === ">") return at + 1;
    else if (char === '"' || char === "'") quote = char;
  }
  return html.length;
}

interface Markup {
  readonly end: number;
  /** What stands in its place. */
  readonly text: string;
}

function readMarkup(html: string, lower: string, at: number): Markup {
  if (html.startsWith("<!--", at)) return { end: endOf(html, "-->", at + 4), text: "" };
  const next = html.charAt(at + 1);
  if (next === "!" || next === "?") return { end: endOf(html, ">", at), text: "" };
  const isClosing = next === "/";
  const name = tagNameAt(html, at + (isClosing ? 2 : 1));
  if (name === "") return { end: at + 1, text: "<" };
  const end = endOfTag(html, at + 1);
  const text = BLOCK_ELEMENTS.has(name) ? " " : "";
  if (isClosing || !RAW_ELEMENTS.has(name)) return { end, text };
  const close = lower.indexOf(`</${name}`, end);
  return { end: close === -1 ? html.length : endOf(html, ">", close), text: " " };
}

/** Text without tags, comments and scripts; block elements leave a space. Linear in its input. */
export function stripHtml(html: string): string {
  const lower = html.toLowerCase();
  // Case can change a text's length; then the search for closing tags falls back to lower case only.
  const searched = lower.length === html.length ? lower : html;
  const parts: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open === -1) break;
    const { end, text } = readMarkup(html, searched, open);
    parts.push(html.slice(at, open), text);
    at = end;
  }
  return [...parts, html.slice(at)].join("").trim();
}

// The table and not its promise: a promise awaited across requests would tie one request to another.
let characterNames: CharacterNames | undefined;

/** At once where there is nothing to decode, or the table was needed before. */
function unescapeHtml(html: string, run: Run): string | Promise<string> {
  if (!html.includes("&")) return html;
  if (characterNames !== undefined) return decodeReferences(html, characterNames);
  return run.readTable("character-references.json").then((json) => {
    characterNames ??= parseCharacterNames(json);
    return decodeReferences(html, characterNames);
  });
}

/** The markup family. */
export const markupOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "html_escape",
    summary: "Text safe inside HTML: `& < > \" '` and the no-break space as character references",
    parameters: {},
    example: {
      input: ["<b>\"A\" & 'B'</b>"],
      output: ["&lt;b&gt;&quot;A&quot; &amp; &apos;B&apos;&lt;/b&gt;"],
    },
    make: () => escapeUTF8,
  }),
  itemOperation({
    name: "html_unescape",
    summary: "Character references, named (HTML5) and numeric, as characters",
    parameters: {},
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
    summary: "Text without tags, comments, scripts and styles; character references stay",
    parameters: {},
    example: {
      input: ["<p>Hello <b title='a>b'>world</b></p><p>2 < 3</p><script>x()</script>"],
      output: ["Hello world  2 < 3"],
    },
    make: () => stripHtml,
  }),
];
