// Parses lists of web origins such as `https://example.com, https://*.example.org`.

const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/i;

/** The origins of a list. */
export interface Origins {
  /** True if the list contains `*`. */
  readonly isAny: boolean;
  /** True if an entry other than `*` names this origin. A redirect leads to such origins only. */
  lists(origin: string): boolean;
  /** True if the list contains this origin, in the form that browsers send. */
  has(origin: string): boolean;
  /** True if the list contains an origin of this host, with any scheme and port. */
  hasHost(hostname: string): boolean;
}

/**
 * Parses a comma- or space-separated list of origins. Entries: an origin as browsers send it; with `*.`
 * before the host, its subdomains at any depth, without the host itself; with `:*`, any port; `*`, any
 * origin, also `null` (sandboxed frames, files).
 *
 * @throws TypeError naming the first entry of another form
 */
export function parseOrigins(list: string): Origins {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  const isAny = entries.includes("*");
  const patterns = entries.filter((entry) => entry !== "*").map(parseOrigin);
  // Nearly all lists name their origins one by one, and parsing a URL takes as long as reading a short body.
  const named = new Set(patterns.map(({ only }) => only));
  const lists = (origin: string) => {
    const url = URL.parse(origin);
    // Only the exact text that browsers send is an origin; a URL with a path is none.
    return url !== null && url.origin === origin && patterns.some(({ fits }) => fits(url));
  };
  return {
    isAny,
    lists,
    has: (origin) => isAny || named.has(origin) || lists(origin),
    hasHost: (hostname) => isAny || patterns.some(({ fitsHost }) => fitsHost(hostname)),
  };
}

interface Pattern {
  /** The only origin that fits, in the form that browsers send; null if there are several. */
  readonly only: string | null;
  readonly fits: (url: URL) => boolean;
  readonly fitsHost: (hostname: string) => boolean;
}

function parseOrigin(entry: string): Pattern {
  const [, scheme, wildcard, host, port] = PATTERN.exec(entry) ?? [];
  const url = URL.parse(
    `${scheme}://${host}${port === undefined || port === "*" ? "" : `:${port}`}`,
  );
  if (scheme === undefined || url === null) {
    throw new TypeError(
      `"${entry}" is not an origin such as https://example.com or https://*.example.com`,
    );
  }
  const fitsHost = (hostname: string) =>
    wildcard ? hostname.endsWith(`.${url.hostname}`) : hostname === url.hostname;
  return {
    only: wildcard || port === "*" ? null : url.origin,
    fitsHost,
    fits: ({ protocol, hostname, port: actualPort }) =>
      protocol === url.protocol && (port === "*" || actualPort === url.port) && fitsHost(hostname),
  };
}
