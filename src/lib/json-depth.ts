// Deeply nested JSON parses, but overflows the stack of whatever walks it recursively afterwards.

/** Whether a parsed JSON value nests arrays and objects deeper than `limit`. Uses no recursion. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: unknown[] = [];
    for (const item of level) {
      if (typeof item !== "object" || item === null) continue;
      if (depth === limit) return true;
      for (const child of Object.values(item)) {
        if (typeof child === "object" && child !== null) below.push(child);
      }
    }
    level = below;
  }
  return false;
}
