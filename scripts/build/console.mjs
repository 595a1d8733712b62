// Builds the console into index.html and files under assets/console/ whose names change with their
// content, so that they can be cached for good.
import { build as bundle } from "esbuild";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";

const SOURCE = "src/console";
const ASSETS = "assets/console";

/** Nothing inline, nothing from elsewhere, no eval, no frames around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = `/
  Content-Security-Policy: ${POLICY}
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
  Cross-Origin-Opener-Policy: same-origin

/${ASSETS}/*
  Cache-Control: public, max-age=31536000, immutable
  X-Content-Type-Options: nosniff`;

/**
 * Writes the console into `outDir`.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} its share of the `_headers` file
 */
export async function build(outDir) {
  const { metafile } = await bundle({
    entryPoints: [`${SOURCE}/main.tsx`, `${SOURCE}/console.css`, `${SOURCE}/icon.svg`],
    outdir: join(outDir, ASSETS),
    entryNames: "[name]-[hash]",
    tsconfig: `${SOURCE}/tsconfig.json`,
    loader: { ".svg": "copy" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    logLevel: "warning",
  });
  const made = new Map(
    Object.entries(metafile.outputs).map(([path, { entryPoint, inputs }]) => [
      basename(entryPoint ?? Object.keys(inputs)[0] ?? ""),
      `/${relative(outDir, path)}`,
    ]),
  );
  writeFileSync(join(outDir, "index.html"), fillIn(made));
  // The licence of what is served comes with it.
  copyFileSync("node_modules/preact/LICENSE", join(outDir, ASSETS, "preact.LICENSE.txt"));
  return { headers: HEADERS };
}

/** The page, with the names that the files got. */
function fillIn(made) {
  const page = readFileSync(join(SOURCE, "index.html"), "utf8");
  const names = { script: "main.tsx", style: "console.css", icon: "icon.svg" };
  return page.replaceAll(/\{(\w+)\}/g, (_, slot) => {
    const path = made.get(names[slot]);
    if (path === undefined) throw new Error(`Cannot build the console: nothing for {${slot}}`);
    return path;
  });
}
