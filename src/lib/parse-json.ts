// Parses JSON without a copy of what is large in it.
import { matches } from "./matches";

/** Characters from which a copy of a text is worth avoiding. */
const LONG_CHARACTERS = 8 * 1024;
/** Characters that JSON does not write as they are in a text: quotes, backslashes and control characters. */
const ESCAPED = /[^ !#-[\]-\uffff]/;

/**
 * Parses JSON. A long text that holds no escapes stays a part of the JSON that it stands in.
 *
 * @throws SyntaxError unless it is JSON
 */
export function parseJson(json: string): unknown {
  if (json.length > LONG_CHARACTERS && json.startsWith('"') && json.endsWith('"')) {
    const text = json.slice(1, -1);
    if (!matches(ESCAPED, text)) return text;
  }
  return JSON.parse(json);
}
