// Metadata: fields of the caller's own that every record can carry.
import * as v from "valibot";
import { jsonObject } from "../../lib/json-object";
import { isWithinBytes } from "../../lib/is-within-bytes";
import { applyMergePatch } from "../../lib/merge-patch";

const MAX_NAME_CHARACTERS = 100;
const MAX_BYTES = 4096;

/** A JSON object of at most 4,096 bytes in UTF-8. */
export const Metadata = v.pipe(
  jsonObject(MAX_NAME_CHARACTERS),
  v.check((value) => isWithin(value, MAX_BYTES), `More than ${MAX_BYTES} bytes as JSON`),
  v.description(`Anything of yours, at most ${MAX_BYTES} bytes as JSON.`),
);
export type Metadata = v.InferOutput<typeof Metadata>;

/** A merge patch of metadata (RFC 7396); null removes them all. */
export const MetadataPatch = v.nullable(jsonObject(MAX_NAME_CHARACTERS));

/** Metadata as stored and shown. */
export const StoredMetadata = jsonObject(MAX_NAME_CHARACTERS);

/** The metadata after a patch, undefined if none are left, or a sentence that says why the patch is refused. */
export function patchMetadata(
  metadata: Metadata,
  patch: v.InferOutput<typeof MetadataPatch> | undefined,
): { readonly metadata: Metadata } | { readonly fault: string } {
  if (patch === undefined) return { metadata };
  const kept = v.safeParse(Metadata, applyMergePatch(metadata, patch) ?? {});
  return kept.success ? { metadata: kept.output } : { fault: kept.issues[0].message };
}

/** True if the JSON of a value has at most `maxBytes` bytes in UTF-8. */
export function isWithin(value: unknown, maxBytes: number): boolean {
  return isWithinBytes(JSON.stringify(value), maxBytes);
}
