// Which hosts are not the public Internet. A wildcard in ALLOWED_HOSTS must never reach them: behind
// them are loopback services, private networks and cloud metadata.
import ipaddr from "ipaddr.js";

/** RFC 4291 §2.4: global unicast is assigned from here only; all outside has some other meaning. */
const GLOBAL_UNICAST_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** At least two labels, none empty, and a top-level domain that is not a number (RFC 3696 §2). */
const QUALIFIED_NAME = /^(?:[^.]+\.)+(?<top>[a-z][^.]*)$/;

/**
 * Names that only a local resolver answers: RFC 6761 §6.3 `localhost`, RFC 6762 §3 and appendix G,
 * `internal` (reserved by ICANN for private use), `home.arpa` (RFC 8375) with the rest of `arpa`,
 * and `localdomain`, loopback in many hosts files.
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
export function isSpecialUseHost(hostname: string): boolean {
  if (hostname.startsWith("[")) return !isPublicIpv6(hostname.slice(1, -1));
  const top = QUALIFIED_NAME.exec(hostname)?.groups?.["top"];
  return top === undefined ? !isPublicIpv4(hostname) : PRIVATE_TOP_LEVELS.has(top);
}

function isPublicIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) && ipaddr.IPv4.parse(text).range() === "unicast";
}

function isPublicIpv6(text: string): boolean {
  const address = ipaddr.IPv6.parse(text);
  return address.match(GLOBAL_UNICAST_IPV6) && address.range() === "unicast";
}
