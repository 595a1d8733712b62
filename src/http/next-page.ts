// `_next`: the page that a form or a link in a mail leads to when all is done. Only to origins that the owner
// has listed, so that no link to this Worker leads anywhere else (open redirect).
import type { Config } from "../env";
import { formOf } from "./form";
import type { RequestContext } from "./request-context";

/** Characters of `_next`. */
export const MAX_NEXT_CHARACTERS = 2048;

/**
 * The address of the next page; null for one that is not on a listed origin, nor on ours. `*` lists none.
 *
 * @param text an address, or a path that begins with a slash
 * @param base the origin that a path belongs to, if known
 */
export function nextPage(
  text: string,
  base: string | null,
  { origins, ownOrigin }: Pick<Config, "origins"> & { readonly ownOrigin: string },
): string | null {
  if (text.length > MAX_NEXT_CHARACTERS) return null;
  const url = text.startsWith("/") ? URL.parse(text, base ?? undefined) : URL.parse(text);
  // The origin of a `blob:` address is that of the address within it.
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== "")
    return null;
  return url.origin === ownOrigin || origins.lists(url.origin) ? url.href : null;
}

/** The page that the form of this request leads to; null for the built-in thanks. */
export function nextPageOf({ request, config, origin }: RequestContext): string | null {
  const next = formOf(request)?.next ?? null;
  const base = request.headers.get("Origin");
  return next === null
    ? null
    : nextPage(next, base, { origins: config.origins, ownOrigin: origin });
}
