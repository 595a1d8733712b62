import * as fc from "fast-check";
import { describe, it } from "vitest";
import { isSpecialUseHost } from "../../../src/domain/outgoing/special-use-host";

/** IANA IPv4 special-purpose registry; then multicast and the reserved class E (RFC 1112 §4). */
const SPECIAL_IPV4_BLOCKS = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "255.255.255.255/32",
];

/** IANA IPv6 special-purpose registry; then what RFC 4291 defines and IANA keeps unassigned. */
const SPECIAL_IPV6_BLOCKS = [
  "::/128",
  "::1/128",
  "::ffff:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "100:0:0:1::/64",
  "2001::/23",
  "2001::/32",
  "2001:1::1/128",
  "2001:1::2/128",
  "2001:1::3/128",
  "2001:2::/48",
  "2001:3::/32",
  "2001:4:112::/48",
  "2001:10::/28",
  "2001:20::/28",
  "2001:30::/28",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "::/96",
  "::ffff:0:0:0/96",
  "::/8",
  "200::/7",
  "1000::/4",
  "4000::/2",
  "8000::/1",
  "fec0::/10",
  "ff00::/8",
];

const PUBLIC_HOSTS = [
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "[2001:200::]",
  "[2001:4860:4860::8888]",
  "[2003::]",
  "[2606:4700:4700::1111]",
  "[3fff:1000::]",
  "example.com",
  "a.b.example.co.uk",
  "xn--bcher-kva.example",
  "localhost.example.com",
  "mylocalhost.com",
  "local.example.com",
  "internal.example.com",
  "notlocal.dev",
  // A public name, whatever it resolves to: DNS cannot be pinned in a Worker.
  "127.0.0.1.nip.io",
  // Cyrillic look-alikes of "localhost" and "local" are other names, under a public suffix.
  new URL("http://lосalhost.com").hostname,
];

const SPECIAL_NAMES = [
  "localhost",
  "app.localhost",
  "printer.local",
  "metadata.google.internal",
  "router.home.arpa",
  "1.0.0.127.in-addr.arpa",
  "localhost.localdomain",
  "nas.lan",
  "wiki.corp",
  "wiki.intranet",
  "db.private",
  "nas.home",
  "metadata",
  "com",
  // The Cyrillic look-alike of "localhost": one label.
  new URL("http://lосalhost").hostname,
  "",
  ".com",
  "a..com",
  "example.com.",
  // Never given by the URL parser; refused all the same.
  "0x7f.1",
  "2130706433",
  "127.0.0.1.",
  "1.2.3.4.5",
  "1.256.3.4",
  "300.1.2.3",
];

describe("isSpecialUseHost", () => {
  it.for([...SPECIAL_IPV4_BLOCKS, ...SPECIAL_IPV6_BLOCKS])(
    "is true at both ends of %s",
    (block, { expect }) => {
      const { first, last, write } = readBlock(block);
      expect(isSpecialUseHost(write(first))).toBe(true);
      expect(isSpecialUseHost(write(last))).toBe(true);
    },
  );

  it("is true anywhere in a special-purpose block", () => {
    const block = fc.constantFrom(...SPECIAL_IPV4_BLOCKS, ...SPECIAL_IPV6_BLOCKS).map(readBlock);
    const host = block.chain(({ first, last, write }) =>
      fc.bigInt({ min: first, max: last }).map(write),
    );
    fc.assert(fc.property(host, isSpecialUseHost));
  });

  it("is true for all IPv6 outside 2000::/3", () => {
    const outside = fc
      .bigInt({ min: 0n, max: (1n << 128n) - 1n })
      .filter((address) => address >> 125n !== 1n);
    fc.assert(fc.property(outside.map(writeIpv6), isSpecialUseHost));
  });

  it.for(SPECIAL_NAMES)("is true for the name %j", (name, { expect }) => {
    expect(isSpecialUseHost(name)).toBe(true);
  });

  it.for(PUBLIC_HOSTS)("is false for %s", (host, { expect }) => {
    expect(isSpecialUseHost(host)).toBe(false);
  });
});

/** First and last address of a CIDR block, as numbers, and how to write one as a URL's hostname. */
function readBlock(block: string) {
  const [address = "", prefix = ""] = block.split("/");
  const isIpv6 = address.includes(":");
  const first = isIpv6 ? readIpv6(address) : readIpv4(address);
  const size = 1n << BigInt((isIpv6 ? 128 : 32) - Number(prefix));
  return { first, last: first + size - 1n, write: isIpv6 ? writeIpv6 : writeIpv4 };
}

function readIpv4(text: string): bigint {
  return text.split(".").reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function writeIpv4(address: bigint): string {
  return new URL(`http://${address}`).hostname;
}

function readIpv6(text: string): bigint {
  const [head = [], tail = []] = text.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].reduce(
    (value, group) => value * 65536n + BigInt(`0x${group}`),
    0n,
  );
}

function writeIpv6(address: bigint): string {
  const groups = address.toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(":")}]`).hostname;
}
