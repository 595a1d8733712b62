// Entity tags derived from a resource's version, and conditional requests (RFC 9110 §8.8.3, §13). Every route
// with a version evaluates `If-Match` first, then `If-None-Match`.
import { DomainError } from "../domain/errors";
import { HttpError } from "./problem";

/**
 * The ETag of a version. `state` distinguishes representations of the same version; changes can still be
 * conditional on the version alone.
 */
export function etagOf(version: number | string, state = ""): string {
  return state === "" ? `"${version}"` : `"${version}-${state}"`;
}

/** The current representation, as conditions are compared with it. */
export interface Current {
  readonly etag: string;
  /** Given if the tag also contains a state: `If-Match` compares the version alone. */
  readonly version?: number;
}

/** The tags that a condition names: `*` for any representation, a list, or null for no condition. */
type Tags = "*" | readonly string[] | null;

/**
 * Returns true if the caller has the current representation already, so that the reply is a 304.
 *
 * @throws HttpError `malformed-request` for anything but a list of entity tags
 * @throws DomainError `precondition-failed` if `If-Match` does not hold
 */
export function isNotModified(headers: Headers, { etag, version }: Current): boolean {
  const tag = opaque(etag);
  const match = tagsIn(headers, "If-Match");
  const noneMatch = tagsIn(headers, "If-None-Match");
  const isCurrent = (named: string) => named === tag || versionIn(named) === version;
  if (match !== null && match !== "*" && !match.some(isCurrent))
    throw failed("The resource has changed since; read it again.");
  return noneMatch === "*" || (noneMatch !== null && noneMatch.includes(tag));
}

/** True if a request has a condition; otherwise the current representation need not be looked up. */
export function hasConditions(headers: Headers): boolean {
  return headers.has("If-Match") || headers.has("If-None-Match");
}

/** As `isNotModified`, for a change: an `If-None-Match` that names the current representation refuses it. */
export function requireConditions(headers: Headers, current: Current): void {
  if (isNotModified(headers, current)) throw failed("If-None-Match names what is there.");
}

/** Conditions for the change of a record, which the table compares with its version. */
export interface VersionConditions {
  /** Versions of which the record must have one; null for any. */
  readonly versions: readonly number[] | null;
  /**
   * Versions of which the record must have none; null excludes every version, so that the record must not
   * exist.
   */
  readonly exceptVersions: readonly number[] | null;
}

/**
 * Parses the conditions of a change.
 *
 * @throws HttpError `malformed-request` for anything but a list of entity tags
 */
export function versionConditions(headers: Headers): VersionConditions {
  const match = tagsIn(headers, "If-Match") ?? "*";
  const noneMatch = tagsIn(headers, "If-None-Match") ?? [];
  return {
    versions: match === "*" ? null : match.map(versionIn),
    exceptVersions: noneMatch === "*" ? null : noneMatch.map(versionIn),
  };
}

/** Entity tags separated by commas; empty elements are ignored (RFC 9110 §5.6.1.2). */
const TAGS = /^[\s,]*(?:W\/)?"[^"]*"(?:\s*,[\s,]*(?:W\/)?"[^"]*")*[\s,]*$/;

/** The pattern of both header fields, for OpenAPI. */
export const TAGS_PATTERN = `^\\*$|${TAGS.source}`;

/**
 * The tags in a header field. A weak tag counts as a strong one, since compressing proxies weaken tags on the
 * way.
 */
function tagsIn(headers: Headers, name: "If-Match" | "If-None-Match"): Tags {
  const field = headers.get(name)?.trim();
  if (field === undefined) return null;
  if (field === "*") return "*";
  if (!TAGS.test(field))
    throw new HttpError("malformed-request", `${name} is not a list of entity tags.`);
  return Array.from(field.matchAll(/"[^"]*"/g), ([tag]) => tag);
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, "");
}

/** The version that a tag names, or NaN for a tag that is not ours, such as "01" or "1e0". */
function versionIn(tag: string): number {
  return Number(/^"([1-9]\d*)(?:-[0-9a-f]+)?"$/.exec(tag)?.[1] ?? Number.NaN);
}

function failed(detail: string): DomainError {
  return new DomainError("precondition-failed", detail);
}
