// punycode.js ships no types; this is the one function that is used of it.
declare module "punycode.js" {
  /** The domain with every `xn--` label decoded (RFC 3492). Throws a RangeError on bad Punycode. */
  export function toUnicode(domain: string): string;
}
