// API_TOKENS: the bearer tokens of a deployment, with the names of their holders.

/** A bearer token, which gives access to everything. */
export interface Token {
  /** Its name in the log; without a name, its position in the list. */
  readonly name: string;
  /** The same for all tokens of one holder: two tokens may share a name while one replaces the other. */
  readonly holder: string;
  /** The token in UTF-8. */
  readonly bytes: Uint8Array;
}

/** A shorter token is a mistake, not a secret; `dev` is for `npm start`. */
const MIN_TOKEN_CHARACTERS = 2;
/** Characters that `Authorization: Bearer` can carry; another token could never match. */
const CARRIABLE = /^[\x21-\x7e]+$/;
/** A name begins with a letter, so that it cannot be confused with a position. */
const NAME = /^[a-z][\w.-]{0,31}$/i;

/**
 * Parses a list such as `site:s3cr3t, ops:t0ken`, with or without names. A colon ends the name, since a
 * bearer token contains none (RFC 6750 §2.1).
 *
 * @throws TypeError that quotes no token
 */
export function parseTokens(list: string): Token[] {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const tokens = entries.map(parseToken);
  const texts = new Set(entries.map((entry) => entry.slice(entry.indexOf(":") + 1)));
  if (texts.size < tokens.length) throw new TypeError("a token stands twice");
  return tokens;
}

function parseToken(entry: string, index: number): Token {
  const place = String(index + 1);
  const colon = entry.indexOf(":");
  const name = colon === -1 ? null : entry.slice(0, colon);
  const text = entry.slice(colon + 1);
  if (name !== null && !NAME.test(name))
    throw new TypeError(
      `the name of token ${place} is not a letter and up to 31 of A-Z a-z 0-9 _ . -`,
    );
  if (!CARRIABLE.test(text) || text.includes(":"))
    throw new TypeError(`token ${place} has a character that no bearer token has, or none at all`);
  if (text.length < MIN_TOKEN_CHARACTERS)
    throw new TypeError(`token ${place} has fewer than ${MIN_TOKEN_CHARACTERS} characters`);
  return {
    name: name ?? place,
    holder: name === null ? `token:${text}` : `name:${name}`,
    bytes: new TextEncoder().encode(text),
  };
}
