// Entity tags made of a resource's version, and the conditions that name them (RFC 9110 §8.8.3, §13.1).
import { HttpError } from "./problem";

/**
 * The ETag of a version. Where a representation changes without its version, `state` says how far:
 * a change may then be made conditional on the version alone.
 */
export function etagOf(version: number | string, state = ""): string {
  return state === "" ? `"${version}"` : `"${version}-${state}"`;
}

/**
 * The versions that `If-Match` names, or null where any will do: there is no such header, or it is `*`.
 * A weak tag counts as its strong one, since compressing proxies weaken tags on the way.
 *
 * @throws HttpError `malformed-request` for what is no list of entity tags
 */
export function parseIfMatch(headers: Headers): number[] | null {
  const field = headers.get("If-Match")?.trim();
  if (field === undefined || field === "*") return null;
  if (!TAGS.test(field))
    throw new HttpError("malformed-request", "If-Match is not a list of entity tags.");
  // Only what `etagOf` writes: "01" or "1e0" are tags of nothing.
  return Array.from(field.matchAll(/"([^"]*)"/g), ([, tag = ""]) =>
    Number(/^([1-9]\d*)(?:-[0-9a-f]+)?$/.exec(tag)?.[1] ?? Number.NaN),
  );
}

/** Entity tags between commas; empty elements count for nothing (RFC 9110 §5.6.1.2). */
const TAGS = /^[\s,]*(?:W\/)?"[^"]*"(?:\s*,[\s,]*(?:W\/)?"[^"]*")*[\s,]*$/;

const opaque = (tag: string) => tag.trim().replace(/^W\//, "");

/** Whether the caller already has this representation (`If-None-Match`, weak comparison). */
export function isNotModified(headers: Headers, etag: string): boolean {
  const field = headers.get("If-None-Match");
  if (field === null) return false;
  return field.trim() === "*" || field.split(",").some((tag) => opaque(tag) === opaque(etag));
}
