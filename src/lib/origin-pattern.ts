// Parses lists of web origins such as `https://example.com, https://*.example.org`.

const PATTERN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/i;

/** Origins that a list names. */
export interface Origins {
  /** Whether it names this origin, which is as browsers send it. */
  has(origin: string): boolean;
  /** Whether it names an origin of this host, whatever its scheme and port. */
  hasHost(hostname: string): boolean;
}

/**
 * The origins of a comma- or space-separated list. Entries: an origin as browsers send it, `*.` before the
 * host for its subdomains of any depth (not itself), `:*` for any port, `*` for any origin at all, `null`
 * (sandboxed frames, files) included.
 *
 * @throws TypeError naming the first entry of another form
 */
export function parseOrigins(list: string): Origins {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.includes("*")) return { has: () => true, hasHost: () => true };
  const patterns = entries.map(parseOrigin);
  return {
    has: (origin) => {
      const url = URL.parse(origin);
      // Only the serialisation that browsers send counts; anything longer is not an origin.
      return url !== null && url.origin === origin && patterns.some(({ fits }) => fits(url));
    },
    hasHost: (hostname) => patterns.some(({ fitsHost }) => fitsHost(hostname)),
  };
}

interface Pattern {
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
    fitsHost,
    fits: ({ protocol, hostname, port: actualPort }) =>
      protocol === url.protocol && (port === "*" || actualPort === url.port) && fitsHost(hostname),
  };
}
