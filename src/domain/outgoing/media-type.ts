// Reads the media type of a response, by the Fetch standard's "extract a MIME type" and the MIME Sniffing
// standard's "parse a MIME type".

/** A media type in lower case, and the label of its charset as it was given; null if there is none. */
export interface MediaType {
  readonly essence: string;
  readonly charset: string | null;
}

const NO_TYPE: MediaType = { essence: "", charset: null };
const TOKEN = "[-!#$%&'*+.^_`|~0-9A-Za-z]+";
const ESSENCE = new RegExp(`^(${TOKEN}/${TOKEN})[\\t\\n\\r ]*(?:;|$)`);
const PARAMETER = new RegExp(
  `;[\\t\\n\\r ]*(${TOKEN})=(?:"((?:[^"\\\\]|\\\\.)*)(?:"|$)[^;]*|([^;]*))`,
  "gs",
);
/** A value of the list that several Content-Type fields make; a comma within quotes does not end it. */
const VALUES = /(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|$))+/gs;

/** The header of the last response, and what was read in it: calls of one API bear the same. */
let last: { readonly header: string | null; readonly type: MediaType } = {
  header: null,
  type: NO_TYPE,
};

/** The media type of a Content-Type header; an empty essence if there is none that is valid. */
export function mediaTypeOf(contentType: string | null): MediaType {
  if (contentType !== last.header) last = { header: contentType, type: extract(contentType ?? "") };
  return last.type;
}

/** Takes the last valid one of several values; it inherits the charset of one before it with the same essence. */
function extract(contentType: string): MediaType {
  let type = NO_TYPE;
  let charset: string | null = null;
  for (const [value] of contentType.matchAll(VALUES)) {
    const parsed = parse(value.trim());
    if (parsed === null || parsed.essence === "*/*") continue;
    if (parsed.essence !== type.essence) ({ charset } = parsed);
    else charset = parsed.charset ?? charset;
    type = { essence: parsed.essence, charset };
  }
  return type;
}

function parse(text: string): MediaType | null {
  const essence = ESSENCE.exec(text)?.[1];
  if (essence === undefined) return null;
  for (const [, name = "", quoted, plain = ""] of text.matchAll(PARAMETER)) {
    if (name.toLowerCase() !== "charset") continue;
    const value = quoted?.replaceAll(/\\(.)/gs, "$1") ?? plain.trimEnd();
    if (value !== "" || quoted !== undefined)
      return { essence: essence.toLowerCase(), charset: value };
  }
  return { essence: essence.toLowerCase(), charset: null };
}
