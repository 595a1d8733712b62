// Reads and signs links with the keys of the table of users. Keys are remembered, so that a flood of forged
// links costs no request of an object.
import { createSigner, readLink, type Link, type LinkPurpose } from "../domain/links/link";
import type { LinkKeys } from "../domain/links/link-keys";
import { usersIn, type TablesEnv } from "./tables";

/** Milliseconds after which an unknown signature makes the keys be read again: they may be new. */
const REREAD_MS = 1000;

let known: { readonly keys: LinkKeys; readonly readAt: number } | null = null;

/** A link as it was read: `forged` if it has no valid signature, or is for another purpose. */
export type OpenedLink =
  | { readonly state: "valid" | "expired"; readonly link: Link }
  | { readonly state: "forged" };

/** Opens the link in a token, which must be for this purpose. */
export async function openLink(
  env: TablesEnv,
  token: string,
  purpose: LinkPurpose,
): Promise<OpenedLink> {
  const link = await readSigned(env, token);
  if (link?.purpose !== purpose) return { state: "forged" };
  return { state: link.expiresAt > Date.now() ? "valid" : "expired", link };
}

/** Returns a function that signs links. */
export async function signerIn(env: TablesEnv): ReturnType<typeof createSigner> {
  return createSigner(await readKeys(env), Date.now());
}

async function readSigned(env: TablesEnv, token: string): Promise<Link | null> {
  const before = known;
  const link = before && (await readLink(token, before.keys));
  if (link !== null || (before !== null && Math.abs(Date.now() - before.readAt) < REREAD_MS))
    return link;
  return readLink(token, await readKeys(env));
}

async function readKeys(env: TablesEnv): Promise<LinkKeys> {
  const keys = await usersIn(env).linkKeys();
  known = { keys, readAt: Date.now() };
  return keys;
}
