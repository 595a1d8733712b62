// Properties of the host policy over every way that a URL may write an address.
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { parseAllowedHosts } from "../../../src/domain/outgoing/host-policy";

function allows(list: string, url: string): boolean {
  return parseAllowedHosts(list).allows(new URL(url), "worker.example.net");
}

/** First bits of the blocks, and how many. */
const SPECIAL_IPV4 = fc
  .constantFrom(
    [0x00, 8],
    [0x0a, 8],
    [0x7f, 8],
    [0xa9fe, 16],
    [0xac1, 12],
    [0xc0a8, 16],
    [0xe, 4],
    [0xf, 4],
  )
  .chain(([network = 0, prefix = 0]) => {
    const size = 2 ** (32 - prefix);
    return fc.integer({ min: network * size, max: (network + 1) * size - 1 });
  });

const PUBLIC_IPV4 = fc.constantFrom(0x01010101, 0x08080808, 0x5db8d822, 0xdfffffff);

const LABEL = fc.stringMatching(/^[a-z]([a-z0-9]{0,10}[a-z0-9])?$/);
const NAME = fc.tuple(LABEL, LABEL).map(([left, right]) => `${left}.${right}.com`);

describe("whatever the spelling", () => {
  it("no wildcard covers a special IPv4 address", ({ expect }) => {
    fc.assert(
      fc.property(SPECIAL_IPV4.chain(spellings), (host) => {
        expect(allows("*, *.example.com:*", `http://${host}/`)).toBe(false);
      }),
    );
  });

  it("no wildcard covers an IPv6 address that embeds IPv4", ({ expect }) => {
    const address = fc.oneof(SPECIAL_IPV4, PUBLIC_IPV4);
    fc.assert(
      fc.property(address.chain(embeddings), (host) => {
        expect(allows("*", `http://${host}/`)).toBe(false);
      }),
    );
  });

  it("* covers a public IPv4 address", ({ expect }) => {
    fc.assert(
      fc.property(PUBLIC_IPV4.chain(spellings), (host) => {
        expect(allows("*", `http://${host}/`)).toBe(true);
      }),
    );
  });

  it("an entry in one spelling of an address covers every other, and no other address", ({
    expect,
  }) => {
    const pairs = SPECIAL_IPV4.chain((address) =>
      fc.tuple(fc.constant(address), spellings(address), spellings(address)),
    );
    fc.assert(
      fc.property(pairs, ([address, entry, host]) => {
        expect(allows(`${entry}:*`, `https://${host}:8443/`)).toBe(true);
        expect(allows(`${entry}:*`, `https://${(address + 1) % 2 ** 32}:8443/`)).toBe(false);
      }),
    );
  });

  it("an entry covers the URL that is built from it", ({ expect }) => {
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
    fc.assert(
      fc.property(NAME, port, (name, number) => {
        const host = number === undefined ? name : `${name}:${number}`;
        expect(allows(host, `https://${host}/`)).toBe(true);
        expect(allows("*", `https://${host}/`)).toBe(true);
      }),
    );
  });

  it("a wildcard covers names below its apex, not the apex nor a look-alike", ({ expect }) => {
    fc.assert(
      fc.property(NAME, LABEL, (name, label) => {
        expect(allows(`*.${name}`, `https://${label}.${name}/`)).toBe(true);
        expect(allows(`*.${name}`, `https://${name}/`)).toBe(false);
        expect(allows(`*.${name}`, `https://${label}${name}/`)).toBe(false);
        expect(allows(`*.${name}`, `https://${name}.${label}/`)).toBe(false);
      }),
    );
  });
});

/** `address` as a URL may write it: one to four parts, each decimal, octal or hex, full-width too. */
function spellings(address: number): fc.Arbitrary<string> {
  const parts = fc.integer({ min: 1, max: 4 }).map((count) => splitAddress(address, count));
  const written = parts.chain((numbers) => fc.tuple(...numbers.map(numerals)));
  return fc
    .tuple(written, fc.constantFrom(".", "。", "．", "｡"), fc.constantFrom("", "."), fc.boolean())
    .map(([texts, dot, end, isFullWidth]) => {
      const text = texts.join(dot) + end;
      return isFullWidth ? text.replaceAll(/[0-9a-z]/gi, toFullWidth) : text;
    });
}

/** The parts of inet_aton: all but the last are one octet, the last holds the rest. */
function splitAddress(address: number, count: number): number[] {
  const octets = [24, 16, 8].slice(0, count - 1).map((shift) => (address >>> shift) & 255);
  return [...octets, address % 2 ** (32 - 8 * octets.length)];
}

function numerals(part: number): fc.Arbitrary<string> {
  const hex = part.toString(16);
  return fc.constantFrom(
    `${part}`,
    `0${part.toString(8)}`,
    `000${part.toString(8)}`,
    `0x${hex}`,
    `0X${hex.toUpperCase()}`,
    `0x0000${hex}`,
  );
}

function toFullWidth(character: string): string {
  return String.fromCodePoint((character.codePointAt(0) ?? 0) + 0xfee0);
}

/** IPv6 hosts with `address` inside: mapped, compatible, translated, NAT64, 6to4, Teredo. */
function embeddings(address: number): fc.Arbitrary<string> {
  const dotted = splitAddress(address, 4).join(".");
  const groups = `${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
  return fc.constantFrom(
    `[::ffff:${dotted}]`,
    `[::FFFF:${groups}]`,
    `[0:0:0:0:0:ffff:${dotted}]`,
    `[0000:0000:0000:0000:0000:ffff:${groups}]`,
    `[::${dotted}]`,
    `[::${groups}]`,
    `[::ffff:0:${dotted}]`,
    `[64:ff9b::${dotted}]`,
    `[64:ff9b::${groups}]`,
    `[64:ff9b:1::${groups}]`,
    `[2002:${groups}::]`,
    `[2002:${groups}::1]`,
    `[2001:0:${groups}::1]`,
  );
}
