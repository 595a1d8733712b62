// The language of a page: of those that there are texts in, the one that the visitor prefers.
import { weightsIn } from "./weights";

/** Characters of Accept-Language that are read. */
const MAX_FIELD_CHARACTERS = 1000;

/**
 * The language that fits best by the `Accept-Language` header (RFC 9110 §12.5.4), by RFC 4647 §3.4: `id-ID`
 * is served by `id`. The first of `available` if none fits.
 */
export function preferredLanguage<Tag extends string>(
  headers: Headers,
  available: readonly [Tag, ...Tag[]],
): Tag {
  const field = (headers.get("Accept-Language") ?? "").slice(0, MAX_FIELD_CHARACTERS);
  const wanted = weightsIn(field)
    .filter(([range, weight]) => range !== "" && weight > 0)
    .toSorted(([, one], [, other]) => other - one);
  for (const [range] of wanted) {
    if (range === "*") break;
    const found = available.find((tag) => isServedBy(range, tag.toLowerCase()));
    if (found !== undefined) return found;
  }
  return available[0];
}

function isServedBy(range: string, tag: string): boolean {
  return range === tag || range.startsWith(`${tag}-`);
}
