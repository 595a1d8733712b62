// How long JSON would be, without writing it: writing takes memory for several copies.
import { isObject } from "./is-object";
import { WrittenJson } from "./written-json";

/** Tells if a value's JSON has certainly more than so many characters; escapes and digits are not counted. */
export function isJsonLonger(value: unknown, maxCharacters: number): boolean {
  return restAfterJson(value, maxCharacters) < 0;
}

/** How many of `rest` characters a value's JSON leaves, counted as above; stops once that is less than none. */
export function restAfterJson(value: unknown, rest: number): number {
  if (typeof value === "string") return rest - value.length - '""'.length;
  let left = rest - "[]".length;
  if (Array.isArray(value)) {
    left -= Math.max(0, value.length - 1);
    for (let at = 0; at < value.length && left >= 0; at += 1) {
      const member: unknown = value[at];
      // Without a call for each of many texts.
      if (typeof member === "string") left -= member.length + '""'.length;
      else left = restAfterJson(member, left);
    }
    return left;
  }
  if (!isObject(value)) return rest - 1;
  if (value instanceof WrittenJson) return rest - value.length;
  // No list of members is made.
  for (const key in value) {
    if (left < 0) return left;
    left = restAfterJson(value[key], left - key.length - '"":'.length);
  }
  return left;
}
