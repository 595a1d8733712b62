// The rate limit as `wrangler.toml` sets it, for the Worker, which its binding does not tell.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

const BINDING = "RATE_LIMITER";
const NAME = "rate-limit.json";

/**
 * Writes the limit into `outDir`, where src/http/limits.ts reads it. One that is there already is left, so
 * that nothing that watches it starts anew.
 *
 * @throws Error where `wrangler.toml` has no such binding
 */
export function writeRateLimit(outDir) {
  // wrangler reads it, too, but takes longer to load than all else here does.
  const { ratelimits } = parse(readFileSync("wrangler.toml", "utf8"));
  const simple = ratelimits?.find(({ name }) => name === BINDING)?.simple;
  if (simple === undefined) throw new Error(`wrangler.toml has no [[ratelimits]] named ${BINDING}`);
  const path = join(outDir, NAME);
  const text = `${JSON.stringify({ limit: simple.limit, period: simple.period })}\n`;
  if (textOf(path) !== text) writeFileSync(path, text);
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
