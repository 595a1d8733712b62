// Builds the API reference into docs.html and files under assets/docs/ whose names change with their
// content, so that they can be cached for good. It is OpenAPI Explorer, bundled here without the parts that
// our document does not need, served from here and nowhere else.
import { build as bundle } from "esbuild";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const SOURCE = fileURLToPath(new URL("docs", import.meta.url));
const ASSETS = "assets/docs";
/** Bytes (gzip) that the page and what it loads may take, the document aside. */
const MAX_GZIP_BYTES = 150_000;

/**
 * Nothing from elsewhere, no script inline, no eval, no frames around it. The components put styles on their
 * own elements; `data:` is for their icons.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = `/docs
  Content-Security-Policy: ${POLICY}
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
  Cross-Origin-Opener-Policy: same-origin

/${ASSETS}/*
  Cache-Control: public, max-age=31536000, immutable
  X-Content-Type-Options: nosniff`;

/** Parts of the library for documents of other kinds: its resolver alone, for files that refer to files, is a third of it. */
const REPLACED = {
  "openapi-resolver/dist/openapi-resolver.browser.js": join(SOURCE, "resolve-references.js"),
};

/**
 * Writes the page and what it loads into `outDir`. Throws when it is over its budget.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} its share of the `_headers` file
 */
export async function build(outDir) {
  const { metafile } = await bundle({
    entryPoints: ["start.js", "style.css"].map((name) => join(SOURCE, name)),
    outdir: join(outDir, ASSETS),
    entryNames: "[name]-[hash]",
    alias: REPLACED,
    // The library is written for Node's `global`, too.
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    logLevel: "warning",
  });
  const made = Object.entries(metafile.outputs).map(([path, { entryPoint }]) => [
    basename(entryPoint ?? ""),
    path,
  ]);
  let page = readFileSync(join(SOURCE, "page.html"), "utf8");
  for (const [name, path] of made) page = page.replace(`{{${name}}}`, `/${relative(outDir, path)}`);
  writeFileSync(join(outDir, "docs.html"), page);
  // The licence of what is served comes with it.
  copyFileSync(
    "node_modules/openapi-explorer/LICENSE",
    join(outDir, ASSETS, "openapi-explorer.LICENSE.txt"),
  );
  checkBudget([join(outDir, "docs.html"), ...made.map(([, path]) => path)]);
  return { headers: HEADERS };
}

function checkBudget(paths) {
  const bytes = paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
  if (bytes > MAX_GZIP_BYTES)
    throw new Error(`/docs: ${bytes} bytes gzip, budget ${MAX_GZIP_BYTES}`);
}
