// Decides which hosts the Worker may call on behalf of others. One wrong yes makes it an open proxy into its
// own network, so hosts are compared only in the form that the URL parser gives them.
import { isPrivateName, isSpecialUseHost } from "./special-use-host";

/** A test for URLs that may be called. */
export interface HostPolicy {
  /**
   * True if `url` may be called: http or https, without credentials, its host and port in the list.
   * `ownHosts` are the hosts, with their ports if any, that the Worker itself is called under: on any
   * port they count as special-use, so that no wildcard lets the Worker call itself in a loop. While
   * one cannot be read, no wildcard matches. Every hop of a redirect is to be asked for anew.
   */
  allows(url: URL, ...ownHosts: readonly string[]): boolean;
}

/** An entry of the list. `port` is decimal, `ANY_PORT`, or `DEFAULT_PORT`, as in `URL.port`. */
interface Rule {
  /**
   * For a literal entry the whole host, for a wildcard the end of the host with its leading dot; empty for
   * `*`.
   */
  readonly host: string;
  readonly port: string;
}

const ANY_PORT = "*";
const DEFAULT_PORT = "";
const MAX_PORT = 65_535;
/** Own hosts that are remembered in parsed form. */
const MAX_OWN_HOSTS = 200;
const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http:", "80"],
  ["https:", "443"],
]);

/** A host, or an address in brackets, and an optional port. */
const ENTRY = /^(?<host>\[[^\]]*\]|[^:[\]]+)(?::(?<port>.*))?$/;

/**
 * Reads `ALLOWED_HOSTS`: entries separated by commas or spaces; an empty list allows nothing.
 *
 * - `api.example.com`, `192.0.2.1`, `[2001:db8::1]`: that host, on the scheme's default port;
 * - `host:8443`: on that port, `host:*`: on any port;
 * - `*.example.com`, with the same ports: every public name below it, at any depth, not itself;
 * - `*`: every public host on any port, `*:443`: on that port.
 *
 * Special-use hosts (`isSpecialUseHost`) and the Worker's own host need an entry without wildcard.
 * Throws a `TypeError` that names the first entry it cannot read or that could never match.
 */
export function parseAllowedHosts(list: string): HostPolicy {
  const literals: Rule[] = [];
  const wildcards: Rule[] = [];
  for (const entry of splitList(list)) {
    (entry.startsWith("*") ? wildcards : literals).push(parseEntry(entry));
  }

  /** Own hosts as the parser gives them: they are asked for with each call, and few. */
  const parsedOwn = new Map<string, string>();
  const ownHostname = (ownHost: string) => {
    let hostname = parsedOwn.get(ownHost);
    if (hostname === undefined) {
      if (parsedOwn.size >= MAX_OWN_HOSTS) parsedOwn.clear();
      hostname = hostnameOf(ownHost);
      parsedOwn.set(ownHost, hostname);
    }
    return hostname;
  };

  return {
    allows(url, ...ownHosts) {
      const schemePort = DEFAULT_PORTS.get(url.protocol);
      if (schemePort === undefined || url.username !== "" || url.password !== "") return false;
      const host = withoutTrailingDots(url.hostname);
      const fits = ({ port }: Rule) =>
        port === ANY_PORT ||
        port === url.port ||
        (url.port === DEFAULT_PORT && port === schemePort);

      if (literals.some((rule) => rule.host === host && fits(rule))) return true;
      if (!wildcards.some((rule) => host.endsWith(rule.host) && fits(rule))) return false;
      const isOwn = (ownHost: string) => ["", host].includes(ownHostname(ownHost));
      return ownHosts.length > 0 && !ownHosts.some(isOwn) && !isSpecialUseHost(host);
    },
  };
}

function splitList(list: string): string[] {
  if (list.trim() === "") return [];
  return list.split(",").flatMap((part) => {
    if (part.trim() === "") throw refusal(list, "it has an empty entry");
    return part.trim().split(/\s+/);
  });
}

function parseEntry(entry: string): Rule {
  if (/[/\\?#@]/.test(entry)) throw refusal(entry, "give no scheme, path or user, only host:port");
  const { host, port } = ENTRY.exec(entry)?.groups ?? {};
  if (host === undefined) throw refusal(entry, "not a host; an IPv6 address stands in brackets");
  if (port !== undefined && port !== ANY_PORT && !isPort(port)) {
    throw refusal(entry, `the port must be 1 to ${MAX_PORT}, or *`);
  }
  if (host === "*") return { host: "", port: port ?? ANY_PORT };
  return { host: parseHost(entry, host), port: port ?? DEFAULT_PORT };
}

function parseHost(entry: string, host: string): string {
  const isWildcard = host.startsWith("*.");
  // A letter in place of the `*` makes the parser judge the name as it will judge the real ones.
  const sample = hostnameOf(isWildcard ? `a${host.slice(1)}` : host);
  if (sample === "") throw refusal(entry, "not a host name or address");
  if (sample.includes("*")) throw refusal(entry, "* stands alone or for the first labels only");
  if (!isWildcard) return sample;
  // A wildcard over addresses (`*.0.0.1`) did not parse above, so only names remain: they must be public.
  if (isPrivateName(sample) !== false)
    throw refusal(entry, "special-use hosts are named one by one");
  return sample.slice(1);
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MAX_PORT;
}

/** The URL parser's form of a host without its port, the same for all spellings; empty if it is no host. */
function hostnameOf(host: string): string {
  return withoutTrailingDots(URL.parse(`http://${host}`)?.hostname ?? "");
}

/** Removes trailing dots and parses again: `0x7f.1..` is a name to the parser, `0x7f.1` an address. */
function withoutTrailingDots(hostname: string): string {
  if (!hostname.endsWith(".")) return hostname;
  return URL.parse(`http://${hostname.replace(/\.+$/, "")}`)?.hostname ?? "";
}

function refusal(entry: string, reason: string): TypeError {
  return new TypeError(`Cannot read allowed hosts "${entry}": ${reason}`);
}
