// Builds the browser client into client.js: one module that a page of any origin can import.
import { build as bundle } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes (gzip) that the client may cost a page. */
const MAX_GZIP_BYTES = 6144;

// A module script is fetched with CORS, whatever its origin. The name stays the same, so that pages can name it; the ETag makes its next check cheap.
const HEADERS = `/client.js
  Content-Type: text/javascript; charset=utf-8
  Access-Control-Allow-Origin: *
  Cross-Origin-Resource-Policy: cross-origin
  Cache-Control: public, max-age=300
  X-Content-Type-Options: nosniff`;

/**
 * Writes the client into `outDir`. Throws when it is over its budget.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} its share of the `_headers` file
 */
export async function build(outDir) {
  const outfile = join(outDir, "client.js");
  await bundle({
    entryPoints: ["src/client/index.ts"],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  const bytes = gzipSync(readFileSync(outfile)).length;
  if (bytes > MAX_GZIP_BYTES) {
    throw new Error(`client.js: ${bytes} bytes gzip, budget ${MAX_GZIP_BYTES}`);
  }
  return { headers: HEADERS };
}
