// Recognises hosts that are not on the public Internet. A wildcard in ALLOWED_HOSTS must never match them:
// loopback services, private networks and cloud metadata.

/** The IANA IPv4 special-purpose registry (RFC 6890); then multicast (RFC 5771) and class E (RFC 1112 §4). */
const SPECIAL_IPV4 =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(
    " ",
  );
/**
 * RFC 4291 §2.4: global unicast addresses are assigned from here only; every other range has a special
 * meaning.
 */
const GLOBAL_UNICAST_IPV6 = "2000::/3";
/** Blocks of the IANA IPv6 special-purpose registry that lie within it. */
const SPECIAL_IPV6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20".split(" ");
/** Bits of an IPv6 address that are compared: no block in these lists has a longer prefix. */
const IPV6_BITS = 48;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

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
export function isSpecialUseHost(hostname: string): boolean {
  const isNamed = isPrivateName(hostname);
  if (isNamed !== undefined) return isNamed;
  if (hostname.startsWith("[")) {
    const address = readIpv6(hostname.slice(1, -1));
    const isIn = (block: string) => isWithin(address, block, IPV6_BITS, readIpv6);
    return !isIn(GLOBAL_UNICAST_IPV6) || SPECIAL_IPV6.some(isIn);
  }
  if (!IPV4.test(hostname)) return true;
  const address = readIpv4(hostname);
  return SPECIAL_IPV4.some((block) => isWithin(address, block, 32, readIpv4));
}

function isWithin(
  address: number,
  block: string,
  bits: number,
  read: (text: string) => number,
): boolean {
  const [first = "", prefix] = block.split("/");
  const size = 2 ** (bits - Number(prefix));
  return Math.floor(address / size) === Math.floor(read(first) / size);
}

function readIpv4(text: string): number {
  return text.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** The first bits of an address in the form of RFC 5952; NaN for one that begins with zeros. */
function readIpv6(text: string): number {
  const [head = ""] = text.split("::");
  const [one, two = "0", three = "0"] = head.split(":");
  return [one, two, three].reduce((value, group) => value * 65_536 + Number(`0x${group}`), 0);
}

/** True for a private name, false for a public one; undefined for an address or a name without a dot. */
export function isPrivateName(hostname: string): boolean | undefined {
  const top = QUALIFIED_NAME.exec(hostname)?.groups?.["top"];
  return top === undefined ? undefined : PRIVATE_TOP_LEVELS.has(top);
}
