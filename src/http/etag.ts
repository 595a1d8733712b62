// Entity tags made of a resource's version, and the conditions that name them (RFC 9110 §8.8.3, §13.1).
import { HttpError } from "./problem";

/** The ETag of a version. */
export function etagOf(version: number | string): string {
  return `"${version}"`;
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
  const tags = field.split(",").map((tag) => /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1]);
  if (tags.includes(undefined))
    throw new HttpError("malformed-request", "If-Match is not a list of entity tags.");
  // Only what `etagOf` writes: "01" or "1e0" are tags of nothing.
  return tags.map((tag) => (/^[1-9]\d*$/.test(tag ?? "") ? Number(tag) : Number.NaN));
}

/** Whether the caller already has this representation (`If-None-Match`, weak comparison). */
export function isNotModified(headers: Headers, etag: string): boolean {
  const field = headers.get("If-None-Match");
  if (field === null) return false;
  return (
    field.trim() === "*" || field.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)
  );
}
