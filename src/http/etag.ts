// Entity tags made of a resource's version, and the conditions that name them (RFC 9110 §8.8.3, §13). One
// rule for every route with a version: `If-Match` first, then `If-None-Match`.
import { DomainError } from "../domain/errors";
import { HttpError } from "./problem";

/**
 * The ETag of a version. Where a representation changes without its version, `state` says how far:
 * a change may then be made conditional on the version alone.
 */
export function etagOf(version: number | string, state = ""): string {
  return state === "" ? `"${version}"` : `"${version}-${state}"`;
}

/** What is there, as conditions see it. */
export interface Current {
  readonly etag: string;
  /** Where the tag may tell more than it: `If-Match` compares the version alone. */
  readonly version?: number;
}

/** What a condition names: any representation, or those with these tags; null for no condition. */
type Tags = "*" | readonly string[] | null;

/**
 * Whether a reader has what is there already, which is a 304 for it.
 *
 * @throws HttpError `malformed-request` for what is no list of entity tags
 * @throws DomainError `precondition-failed` where `If-Match` does not hold
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

/** Whether a request names any condition: what is there need not be looked up for others. */
export function hasConditions(headers: Headers): boolean {
  return headers.has("If-Match") || headers.has("If-None-Match");
}

/** As `isNotModified`, for a change: what the caller must not have is refused as well. */
export function requireConditions(headers: Headers, current: Current): void {
  if (isNotModified(headers, current)) throw failed("If-None-Match names what is there.");
}

/** What a change of a record is made conditional on; the table compares it with what is there. */
export interface VersionConditions {
  /** It must have one of these versions; null for any. */
  readonly versions: readonly number[] | null;
  /** It must have none of these; null for no version at all. */
  readonly exceptVersions: readonly number[] | null;
}

/** @throws HttpError `malformed-request` for what is no list of entity tags */
export function versionConditions(headers: Headers): VersionConditions {
  const match = tagsIn(headers, "If-Match") ?? "*";
  const noneMatch = tagsIn(headers, "If-None-Match") ?? [];
  return {
    versions: match === "*" ? null : match.map(versionIn),
    exceptVersions: noneMatch === "*" ? null : noneMatch.map(versionIn),
  };
}

/** Entity tags between commas; empty elements count for nothing (RFC 9110 §5.6.1.2). */
const TAGS = /^[\s,]*(?:W\/)?"[^"]*"(?:\s*,[\s,]*(?:W\/)?"[^"]*")*[\s,]*$/;

/** The form of both header fields. */
export const TAGS_PATTERN = `^\\*$|${TAGS.source}`;

/** A weak tag counts as its strong one, since compressing proxies weaken tags on the way. */
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

/** The version that a tag of ours names, or NaN: "01" or "1e0" are tags of nothing. */
function versionIn(tag: string): number {
  return Number(/^"([1-9]\d*)(?:-[0-9a-f]+)?"$/.exec(tag)?.[1] ?? Number.NaN);
}

function failed(detail: string): DomainError {
  return new DomainError("precondition-failed", detail);
}
