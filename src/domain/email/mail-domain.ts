// Parses the part after the @: a domain name that mail can be routed to, in the form that DNS is asked for.
import { toUnicode } from "punycode.js";

/**
 * Characters of a domain: 255 octets on the wire are 253 characters without the root's dot (RFC 1035 §2.3.4).
 */
const MAX_DOMAIN_CHARACTERS = 253;
/** Characters of a label (RFC 1035 §2.3.4). */
const MAX_LABEL_CHARACTERS = 63;

/** Letters, digits and inner hyphens (RFC 5321 §4.1.2 `sub-domain`). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Matches domains that need no parser: nothing in them is refused, and their A-label form is their lower case. */
const PLAIN = /^(?!.*xn--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{1,63}$/i;

/**
 * Parses a domain into lower-case A-labels (`xn--…`) by UTS 46, as browsers do, or returns its faults.
 * Refuses IP addresses in any spelling, a single label, a trailing dot, and `xn--` labels that no Unicode
 * name encodes to. Emoji domains pass: they exist and receive mail.
 */
export function parseMailDomain(
  raw: string,
): { readonly domain: string } | { readonly faults: readonly string[] } {
  if (raw.length <= MAX_DOMAIN_CHARACTERS && PLAIN.test(raw)) return { domain: raw.toLowerCase() };
  if (raw === "") return { faults: ["The domain is empty"] };
  if (raw.startsWith("[")) {
    return { faults: ["An IP address cannot stand in place of the domain"] };
  }
  // Checked before parsing: the URL parser would take `/`, `?`, `#`, `:` and `%` for the end of the host.
  const refused = /(?![a-z0-9.-])[\0-\x7f]/i.exec(raw)?.[0];
  if (refused !== undefined) return { faults: [`The domain has ${JSON.stringify(refused)} in it`] };

  const domain = toHostname(raw);
  if (domain === undefined) return { faults: ["The domain is not a valid domain name"] };
  const faults = findFaults(domain);
  return faults.length > 0 ? { faults } : { domain };
}

function findFaults(domain: string): string[] {
  const labels = domain.split(".");
  const faults: string[] = [];
  if (domain.length > MAX_DOMAIN_CHARACTERS) {
    faults.push(`The domain is longer than ${MAX_DOMAIN_CHARACTERS} characters`);
  }
  if (labels.some((label) => label.length > MAX_LABEL_CHARACTERS)) {
    faults.push(`A part of the domain is longer than ${MAX_LABEL_CHARACTERS} characters`);
  }
  if (labels.includes("")) {
    faults.push("The domain starts or ends with a dot, or has two in a row");
  } else if (!labels.every((label) => LABEL.test(label))) {
    faults.push("A part of the domain starts or ends with a hyphen, or has a refused character");
  }
  if (labels.length < 2) faults.push("The domain has no dot");
  // The URL parser has turned every spelling of an IPv4 address into dotted decimal.
  if (/^\d+$/.test(labels.at(-1) ?? "")) {
    faults.push("The domain is an IP address or ends in a number");
  }
  if (faults.length === 0 && domain.includes("xn--") && !isEncodedUnicode(domain)) {
    faults.push("The domain has a part that starts with xn-- and encodes no name");
  }
  return faults;
}

// True if the A-labels decode and encode to themselves. workerd accepts an all-ASCII host without reading its
// `xn--` labels, so invalid ones are found here.
function isEncodedUnicode(domain: string): boolean {
  try {
    return toHostname(toUnicode(domain)) === domain;
  } catch {
    return false;
  }
}

function toHostname(raw: string): string | undefined {
  return URL.parse(`http://${raw}`)?.hostname;
}
