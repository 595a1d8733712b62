// Deeply nested JSON parses, but overflows the stack of whatever walks it recursively afterwards.

/** Whether a parsed JSON value nests arrays and objects deeper than `limit`. Uses no recursion. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level = containers([value]);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === limit) return true;
    level = level.flatMap((container) => containers(Object.values(container)));
  }
  return false;
}

function containers(values: readonly unknown[]): object[] {
  return values.filter((value) => typeof value === "object" && value !== null);
}
