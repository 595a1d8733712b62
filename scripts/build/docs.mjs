// Builds the API reference into docs.html and files under assets/docs/ whose names change with their
// content, so that they can be cached for good. It is Swagger UI, served from here and nowhere else.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { absolutePath } from "swagger-ui-dist";

const OURS = fileURLToPath(new URL("docs", import.meta.url));
const THEIRS = absolutePath();
const ASSETS = "assets/docs";
const SOURCES = [
  [THEIRS, "swagger-ui-bundle.js"],
  [THEIRS, "swagger-ui.css"],
  [THEIRS, "favicon-32x32.png"],
  [OURS, "start.js"],
  [OURS, "style.css"],
];

/** Nothing inline, nothing from elsewhere, no eval, no frames around it. `data:` is for the icons in the style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
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

/** The licences of what is served come with it. */
const LICENCES = ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"];

/**
 * Writes the page and what it loads into `outDir`.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} its share of the `_headers` file
 */
export async function build(outDir) {
  mkdirSync(join(outDir, ASSETS), { recursive: true });
  for (const name of LICENCES) copyFileSync(join(THEIRS, name), join(outDir, ASSETS, name));
  let page = readFileSync(join(OURS, "page.html"), "utf8");
  for (const [folder, name] of SOURCES) {
    page = page.replace(`{{${name}}}`, `/${publish(join(folder, name), name, outDir)}`);
  }
  writeFileSync(join(outDir, "docs.html"), page);
  return { headers: HEADERS };
}

function publish(path, name, outDir) {
  const content = withoutSourceMap(readFileSync(path), name);
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const published = `${ASSETS}/${name.slice(0, -extname(name).length)}-${hash}${extname(name)}`;
  writeFileSync(join(outDir, published), content);
  return published;
}

/** The maps are not served: a browser with its tools open would ask for them in vain. */
function withoutSourceMap(content, name) {
  if (!/\.(?:js|css)$/.test(name)) return content;
  return content.toString("utf8").replace(/\n?(?:\/\/|\/\*)# sourceMappingURL=.*$/, "");
}
