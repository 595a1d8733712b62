// Which web origins a list such as `https://example.com, https://*.example.org` names.

const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/i;

/**
 * A test for the origins of a comma- or space-separated list. Entries: an origin as browsers send it,
 * `*.` before the host for its subdomains of any depth (not itself), `:*` for any port, `*` for any
 * origin at all, `null` (sandboxed frames, files) included.
 *
 * @throws TypeError naming the entry that is none of these
 */
export function parseOrigins(list: string): (origin: string) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.includes("*")) return () => true;
  const tests = entries.map(parseOrigin);
  return (origin) => {
    const url = URL.parse(origin);
    // Only the serialisation that browsers send counts; anything longer is not an origin.
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
