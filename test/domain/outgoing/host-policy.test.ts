import { describe, it } from "vitest";
import { parseAllowedHosts } from "../../../src/domain/outgoing/host-policy";

const OWN_HOST = "worker.example.net";

function allows(list: string, url: string, ownHost = OWN_HOST): boolean {
  return parseAllowedHosts(list).allows(new URL(url), ownHost);
}

describe("an entry", () => {
  it.for([
    // list, url
    ["api.example.com", "https://api.example.com/v1?q=1"],
    ["api.example.com", "http://api.example.com/"],
    ["api.example.com", "https://api.example.com:443/"],
    ["API.Example.COM", "https://api.example.com/"],
    ["api.example.com.", "https://api.example.com/"],
    ["api.example.com", "https://API.EXAMPLE.COM../"],
    ["api.example.com:443", "https://api.example.com/"],
    ["api.example.com:80", "http://api.example.com/"],
    ["api.example.com:8443", "https://api.example.com:8443/"],
    ["api.example.com:*", "https://api.example.com/"],
    ["api.example.com:*", "http://api.example.com:65535/"],
    ["bücher.example", "https://xn--bcher-kva.example/"],
    ["xn--bcher-kva.example", "https://BÜCHER.example/"],
    ["127.0.0.1:*", "http://127.1:8080/"],
    ["0x7f.1:8080", "http://127.0.0.1:8080/"],
    ["127.0.0.1", "http://0x7f.1../"],
    ["localhost:*", "http://localhost.:3000/"],
    ["localhost", "http://localhost/"],
    ["printer.local", "http://printer.local/"],
    ["[::1]", "http://[0:0:0:0:0:0:0:1]/"],
    ["[::1]:8080", "http://[::1]:8080/"],
    ["[::1]:*", "https://[::1]:9/"],
    ["[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]/"],
    ["*.example.com", "https://a.example.com/"],
    ["*.example.com", "https://a.b.c.example.com/"],
    ["*.Example.com.", "https://a.example.com./"],
    ["*.example.com:8443", "https://a.example.com:8443/"],
    ["*.example.com:*", "https://a.example.com:8443/"],
    ["*.bücher.example", "https://a.xn--bcher-kva.example/"],
    ["*.com", "https://example.com/"],
    ["*", "https://example.com:8443/"],
    ["*", "http://127.0.0.1.nip.io/"],
    ["*", "https://[2606:4700:4700::1111]/"],
    ["*:443", "https://example.com/"],
    ["a.example, b.example", "https://b.example/"],
    [" a.example\n\tb.example ", "https://b.example/"],
    ["*, 127.0.0.1:*, localhost:*", "http://127.0.0.1:8787/"],
    [OWN_HOST, `https://${OWN_HOST}/`],
  ] as const)("%j covers %s", ([list, url], { expect }) => {
    expect(allows(list, url)).toBe(true);
  });

  it.for([
    ["", "https://example.com/"],
    [" ", "https://example.com/"],
    ["api.example.com", "https://example.com/"],
    ["api.example.com", "https://a.api.example.com/"],
    ["api.example.com", "https://api.example.com:8443/"],
    ["api.example.com", "http://api.example.com:443/"],
    ["api.example.com", "https://api.example.com:80/"],
    ["api.example.com:443", "http://api.example.com/"],
    ["api.example.com:8443", "https://api.example.com/"],
    ["api.example.com", "ftp://api.example.com/"],
    ["api.example.com:*", "ws://api.example.com/"],
    ["api.example.com", "https://user@api.example.com/"],
    ["api.example.com", "https://:password@api.example.com/"],
    ["api.example.com", "https://api.example.com@evil.example/"],
    ["example.com", "https://exаmple.com/"], // Cyrillic "а"
    ["*.example.com", "https://example.com/"],
    ["*.example.com", "https://evilexample.com/"],
    ["*.example.com", "https://.example.com/"],
    ["*.example.com", "https://a.example.com.evil.example/"],
    ["*.example.com", "https://a.example.com:8443/"],
    ["*.example.com:8443", "https://a.example.com/"],
    ["*:443", "https://example.com:8443/"],
    ["*:443", "http://example.com/"],
    ["*", "ftp://example.com/"],
    ["*", "data:text/plain,x"],
    ["*", "file:///etc/passwd"],
    ["*", "https://user:password@example.com/"],
    ["127.0.0.1", "http://127.0.0.1:8080/"],
    ["127.0.0.1", "http://127.0.0.2/"],
    ["127.0.0.1:*", "http://localhost/"],
    ["127.0.0.1:*", "http://[::ffff:127.0.0.1]/"],
  ] as const)("%j does not cover %s", ([list, url], { expect }) => {
    expect(allows(list, url)).toBe(false);
  });

  it.for([
    "http://0/",
    "http://0.0.0.0/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://１２７.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://127.0.0.1./",
    "http://127.0.0.1../",
    "http://0x7f.1.../",
    "http://%31%32%37.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://localhost/",
    "http://LOCALHOST../",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://local\u00adhost/",
    "http://app.localhost/",
    "http://printer.local./",
    "http://metadata.google.internal/",
    "http://intranet/",
    "http://./",
  ])("* does not cover %s", (url, { expect }) => {
    expect(allows("*, *:80", url)).toBe(false);
  });

  it("a zone identifier makes no URL", ({ expect }) => {
    expect(URL.canParse("http://[fe80::1%25eth0]/")).toBe(false);
  });
});

describe("the Worker's own host", () => {
  it.for([
    ["*", "https://worker.example.net/", "worker.example.net"],
    ["*", "https://worker.example.net:8443/", "worker.example.net"],
    ["*", "https://WORKER.example.net./", "worker.example.net:8787"],
    ["*.example.net", "https://worker.example.net/", "Worker.Example.net."],
    ["*", "http://0x01010101/", "1.1.1.1:8787"],
    ["*", "https://[2606:4700:4700:0::1111]/", "[2606:4700:4700::1111]:8787"],
  ] as const)("%s does not cover %s of %s", ([list, url, ownHost], { expect }) => {
    expect(allows(list, url, ownHost)).toBe(false);
  });

  it("is covered when it is named", ({ expect }) => {
    expect(allows("*, worker.example.net", "https://worker.example.net/")).toBe(true);
  });

  it.for(["", "a b", "["])("that reads %j lets no wildcard match", (ownHost, { expect }) => {
    expect(allows("*", "https://example.com/", ownHost)).toBe(false);
    expect(allows("example.com", "https://example.com/", ownHost)).toBe(true);
  });
});

describe("a list that cannot be read", () => {
  it.for([
    ["https://example.com", "no scheme"],
    ["https:example.com", "port"],
    ["example.com/", "no scheme, path"],
    ["example.com/v1", "no scheme, path"],
    ["example.com?x", "no scheme, path"],
    ["example.com#x", "no scheme, path"],
    ["example.com\\x", "no scheme, path"],
    ["user@example.com", "user"],
    ["example.com:", "port"],
    ["example.com:0", "port"],
    ["example.com:080", "port"],
    ["example.com:65536", "port"],
    ["example.com:https", "port"],
    ["example.com:**", "port"],
    ["[::1]:-1", "port"],
    ["::1", "brackets"],
    ["[::1", "brackets"],
    ["[::1]x", "brackets"],
    [":8080", "brackets"],
    ["[::g]", "not a host name"],
    ["[fe80::1%25eth0]", "not a host name"],
    ["1.2.3.4.5", "not a host name"],
    ["256.0.0.1", "not a host name"],
    ["exa<mple.com", "not a host name"],
    [".", "not a host name"],
    ["**", "stands alone"],
    ["*example.com", "stands alone"],
    ["a*.example.com", "stands alone"],
    ["a.*.example.com", "stands alone"],
    ["*.*.example.com", "stands alone"],
    ["%2a.example.com", "stands alone"],
    ["＊", "stands alone"],
    ["*.", "one by one"],
    ["*.localhost", "one by one"],
    ["*.local:*", "one by one"],
    ["*.internal", "one by one"],
    ["*.0.0.1", "not a host name"],
    ["*.[::1]", "brackets"],
  ] as const)("is refused with the entry %j and the reason", ([entry, reason], { expect }) => {
    const read = () => parseAllowedHosts(`a.example, ${entry}`);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(`"${entry}"`);
    expect(read).toThrow(reason);
  });

  it.for([",", "a.example,", "a.example,,b.example", ", a.example"])(
    "is refused for the empty entry in %j",
    (list, { expect }) => {
      expect(() => parseAllowedHosts(list)).toThrow(/empty entry/);
    },
  );
});
