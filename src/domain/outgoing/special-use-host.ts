// Recognises hosts that are not on the public Internet. A wildcard in ALLOWED_HOSTS must never match them:
// loopback services, private networks and cloud metadata.

/**
 * RFC 4291 §2.4: global unicast addresses are assigned from here only; every other range has a special
 * meaning.
 */
const GLOBAL_UNICAST_IPV6 = "2000::/3";

/** At least two labels, none empty, and a top-level domain that does not begin with a digit (RFC 3696 §2). */
const QUALIFIED_NAME = /^(?:[^.]+\.)+(?<top>[a-z][^.]*)$/;

/**
 * Top-level names that only a local resolver answers: `localhost` (RFC 6761 §6.3), the names of RFC 6762 §3
 * and appendix G, `internal` (reserved by ICANN for private use), `arpa` for its `home.arpa` (RFC 8375), and
 * `localdomain`, loopback in many hosts files.
 */
const PRIVATE_TOP_LEVELS: ReadonlySet<string> = new Set([
  "arpa",
  "corp",
  "home",
  "internal",
  "intranet",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "private",
]);

/**
 * True for a host that is not public: an address in the IANA special-purpose registries, multicast,
 * reserved, IPv6 that embeds IPv4 (mapped, compatible, NAT64, 6to4, Teredo), a name without a dot,
 * or a private name. `hostname` is what `URL.hostname` gives, without trailing dots: the parser has
 * then turned every spelling of an address (hex, octal, short, full-width) into the one form read here.
 *
 * A public name that resolves to a private address (`127.0.0.1.nip.io`) is not seen: a Worker can
 * neither resolve for `fetch` nor pin what it resolved. Where that matters, list hosts, not `*`.
 */
export async function isSpecialUseHost(hostname: string): Promise<boolean> {
  const isNamed = isPrivateName(hostname);
  if (isNamed !== undefined) return isNamed;
  // Loaded only for addresses: most calls use names, and an isolate that meets none starts without this
  // library.
  const { default: ipaddr } = await import("ipaddr.js");
  if (!hostname.startsWith("[")) {
    const { IPv4 } = ipaddr;
    return !IPv4.isValidFourPartDecimal(hostname) || IPv4.parse(hostname).range() !== "unicast";
  }
  const address = ipaddr.IPv6.parse(hostname.slice(1, -1));
  const isGlobal = address.match(ipaddr.IPv6.parseCIDR(GLOBAL_UNICAST_IPV6));
  return !isGlobal || address.range() !== "unicast";
}

/** True for a private name, false for a public one; undefined for an address or a name without a dot. */
export function isPrivateName(hostname: string): boolean | undefined {
  const top = QUALIFIED_NAME.exec(hostname)?.groups?.["top"];
  return top === undefined ? undefined : PRIVATE_TOP_LEVELS.has(top);
}
