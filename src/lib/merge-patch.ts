// JSON merge patch (RFC 7396).
import { isObject } from "./is-object";

/**
 * Applies a patch to a target: objects are merged, null deletes a member, anything else replaces. Changes
 * neither argument. `__proto__` is a member like any other.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) members.delete(key);
    else members.set(key, applyMergePatch(members.get(key), value));
  }
  return Object.fromEntries(members);
}
