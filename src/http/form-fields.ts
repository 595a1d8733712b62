// Decodes the body of a form (WHATWG HTML §4.10.22): names and values in UTF-8, in the order of the form.
import { decodeUtf8 } from "./body";
import { HttpError } from "./problem";

/** The media types in which browsers send forms, besides `text/plain`, which cannot be decoded reliably. */
export const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"] as const;

/** Fields of a form; far more than any form has, and few enough to be decoded quickly. */
export const MAX_FORM_FIELDS = 1000;

/** One field, as it was sent. */
export type FormField = readonly [name: string, value: string];

/** A decoded form. */
export interface DecodedForm {
  readonly fields: readonly FormField[];
  /** Names of the fields that contain a file. */
  readonly fileNames: readonly string[];
}

/**
 * Decodes a form.
 *
 * @param contentType the whole header field, which contains the boundary of a multipart body
 * @throws HttpError `malformed-json` if it is not UTF-8, `malformed-request` if it cannot be read, and
 * `body-too-large` if it has too many fields, and `unsupported-media-type` if it is JSON
 */
export function decodeForm(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): DecodedForm | Promise<DecodedForm> {
  return contentType.toLowerCase().startsWith("multipart/")
    ? decodeMultipart(bytes, contentType)
    : decodeUrlencoded(bytes);
}

function decodeUrlencoded(bytes: Uint8Array): DecodedForm {
  const text = decodeUtf8(bytes);
  // Browsers escape braces. Command lines send JSON under this media type unless told otherwise.
  if (text.startsWith("{"))
    throw new HttpError("unsupported-media-type", "Send JSON as Content-Type: application/json.", {
      Accept: "application/json",
    });
  const parts = text.split("&", MAX_FORM_FIELDS + 1);
  refuseTooMany(parts.length);
  const fields = parts
    .filter((part) => part !== "")
    .map((part) => {
      const end = part.indexOf("=");
      const name = end === -1 ? part : part.slice(0, end);
      return [decodePart(name), decodePart(end === -1 ? "" : part.slice(end + 1))] as const;
    });
  return { fields, fileNames: [] };
}

/** URLSearchParams would replace bytes that are not UTF-8 without a word. */
function decodePart(text: string): string {
  const escaped = text.replaceAll("+", " ").replaceAll(/%(?![0-9a-f]{2})/gi, "%25");
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw new HttpError("malformed-json", "The body is not UTF-8.");
  }
}

async function decodeMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<DecodedForm> {
  const entries = [...(await parseMultipart(bytes, contentType))];
  refuseTooMany(entries.length);
  const files = entries.flatMap(([name, value]) =>
    typeof value === "string" || isEmpty(value) ? [] : [decodeName(name)],
  );
  // The parser replaces what is not UTF-8. A file may contain any bytes, and is refused anyway.
  if (files.length === 0) decodeUtf8(bytes);
  const fields = entries.flatMap(([name, value]) =>
    typeof value === "string" ? [[decodeName(name), value] as const] : [],
  );
  return { fields, fileNames: files };
}

async function parseMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { "Content-Type": contentType } }).formData();
  } catch {
    throw new HttpError("malformed-request", "The multipart body cannot be read.");
  }
}

/** True for a file field in which nothing was chosen. */
function isEmpty({ name, size }: File): boolean {
  return name === "" && size === 0;
}

/** Browsers escape exactly these in the names of a multipart form. */
function decodeName(name: string): string {
  return name.replaceAll("%22", '"').replaceAll("%0D%0A", "\n");
}

function refuseTooMany(count: number): void {
  if (count > MAX_FORM_FIELDS)
    throw new HttpError("body-too-large", `A form may have at most ${MAX_FORM_FIELDS} fields.`);
}
