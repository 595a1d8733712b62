// Tells if a text is JSON without a parser's error: V8 keeps the whole text of one that its parser refuses, until it looks
// through all of its memory.

/** Matches a token of JSON, with white space around it (RFC 8259). */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- these must be escaped in JSON
  /[\t\n\r ]*("[^"\\\0-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\0-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[[\]{},:])[\t\n\r ]*/y;

const VALUE = { "{": "name or end", "[": "value or end", '"': "more", "0": "more" };
/** States of a reader, by what it expects; for each, the state after a token by its first character, `0` for any other. */
const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  value: VALUE,
  "value or end": { ...VALUE, "]": "more" },
  name: { '"': "colon" },
  "name or end": { '"': "colon", "}": "more" },
  colon: { ":": "value" },
  more: { ",": "value", "}": "more", "]": "more" },
};
const CLOSING: Readonly<Record<string, string>> = { "{": "}", "[": "]" };
/** By the end of what is open. */
const BEHIND_COMMA: Readonly<Record<string, string>> = { "}": "name", "]": "value" };

/** True for JSON. Takes several times as long as to parse it. */
export function isJson(text: string): boolean {
  const open: string[] = [];
  let state = "value";
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1] ?? "";
    const next = after(token.charAt(0), state, open);
    if (next === undefined) return false;
    state = next;
  }
  return state === "more" && open.length === 0;
}

/** The state after a token by its first character. Keeps the ends of the lists and objects that are open. */
function after(first: string, state: string, open: string[]): string | undefined {
  const sign = '{}[],:"'.includes(first) ? first : "0";
  const next = STATES[state]?.[sign];
  if (next === undefined) return undefined;
  const closing = CLOSING[sign];
  if (closing !== undefined) open.push(closing);
  else if ("}]".includes(sign) && open.pop() !== sign) return undefined;
  return sign === "," ? BEHIND_COMMA[open.at(-1) ?? ""] : next;
}
