// Builds the files that browsers and crawlers ask of every site: favicon.ico and robots.txt.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The documentation may be found; what people stored, and links in mails, are nobody else's. */
const ROBOTS = `User-agent: *
Allow: /docs
Allow: /llms.txt
Allow: /openapi.json
Disallow: /
`;

const HEADERS = `/favicon.ico
  Cache-Control: public, max-age=86400

/robots.txt
  Cache-Control: public, max-age=86400`;

/**
 * Writes the files into `outDir`.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} their share of the `_headers` file
 */
export async function build(outDir) {
  copyFileSync("src/console/favicon.ico", join(outDir, "favicon.ico"));
  writeFileSync(join(outDir, "robots.txt"), ROBOTS);
  return { headers: HEADERS };
}
