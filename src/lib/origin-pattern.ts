// Parses lists of web origins such as `https://example.com, https://*.example.org`.

const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/i;

/**
 * Creates a test for the origins of a comma- or space-separated list. Entries: an origin as browsers send it;
 * with `*.` before the host, its subdomains at any depth, without the host itself; with `:*`, any port; `*`,
 * any origin, also `null` (sandboxed frames, files).
 *
 * @throws TypeError naming the first entry of another form
 */
export function parseOrigins(list: string): (origin: string) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.includes("*")) return () => true;
  const tests = entries.map(parseOrigin);
  return (origin) => {
    const url = URL.parse(origin);
    // Only the exact text that browsers send is an origin; a URL with a path is none.
    return url !== null && url.origin === origin && tests.some((matches) => matches(url));
  };
}

function parseOrigin(entry: string): (url: URL) => boolean {
  const [, scheme, wildcard, host, port] = PATTERN.exec(entry) ?? [];
  const url = URL.parse(
    `${scheme}://${host}${port === undefined || port === "*" ? "" : `:${port}`}`,
  );
  if (scheme === undefined || url === null) {
    throw new TypeError(
      `"${entry}" is not an origin such as https://example.com or https://*.example.com`,
    );
  }
  return ({ protocol, hostname, port: actualPort }) =>
    protocol === url.protocol &&
    (port === "*" || actualPort === url.port) &&
    (wildcard ? hostname.endsWith(`.${url.hostname}`) : hostname === url.hostname);
}
