// The cases of the isemail test suite that matter for a sign-up, and the internationalised ones.
import { describe, it } from "vitest";
import { parseEmail } from "../../../src/domain/email/canonical-email";

const A = "a".repeat(64);
const LABEL = "d".repeat(63);

function read(text: string) {
  const parsed = parseEmail(text);
  return parsed.ok ? parsed.email : undefined;
}

function faultsOf(text: string): readonly string[] {
  const parsed = parseEmail(text);
  return parsed.ok ? [] : parsed.faults;
}

describe("parseEmail accepts", () => {
  it.for([
    ["test@iana.org", "test@iana.org"],
    ["a@b.co", "a@b.co"],
    ["test@nominet.org.uk", "test@nominet.org.uk"],
    ["test.test@iana.org", "test.test@iana.org"],
    ["!#$%&`*/=?^{|}~'+_-@iana.org", "!#$%&`*/=?^{|}~'+_-@iana.org"],
    ["123@iana.org", "123@iana.org"],
    ["test@123.com", "test@123.com"],
    ["test@a-b.r--n.com", "test@a-b.r--n.com"],
    [`${A}@iana.org`, `${A}@iana.org`],
    [`test@${LABEL}.com`, `test@${LABEL}.com`],
    ["user+tag@gmail.com", "user+tag@gmail.com"],
    ["First.Last@Example.COM", "First.Last@example.com"],
    [" test@iana.org\r\n", "test@iana.org"],
    ['"test"@iana.org', "test@iana.org"],
    ['""@iana.org', '""@iana.org'],
    ['"\\a"@iana.org', "a@iana.org"],
    ['"\\""@iana.org', '"\\""@iana.org'],
    ['"\\\\"@iana.org', '"\\\\"@iana.org'],
    ['"test\\ test"@iana.org', '"test test"@iana.org'],
    ['"a@b"@iana.org', '"a@b"@iana.org'],
    ['".a"@iana.org', '".a"@iana.org'],
    ["test@xn--hxajbheg2az3al.xn--jxalpdlp", "test@xn--hxajbheg2az3al.xn--jxalpdlp"],
    ["jörg@MÜNCHEN.de", "jörg@xn--mnchen-3ya.de"],
    ["用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"],
    ["test@💩.la", "test@xn--ls8h.la"],
    ["test@faß.de", "test@xn--fa-hia.de"],
    ["test@例子。测试", "test@xn--fsqu00a.xn--0zwm56d"],
    ["ශ්\u200Dරී@iana.org", "ශ්\u200Dරී@iana.org"],
    ["❤️\u200D🔥@iana.org", "❤️\u200D🔥@iana.org"],
  ] as const)("%j as %j", ([text, address], { expect }) => {
    expect(read(text)?.address).toBe(address);
  });
});

describe("parseEmail refuses", () => {
  it.for([
    ["", "has no @"],
    ["test", "has no @"],
    ["@iana.org", "before the @ is empty"],
    ["test@", "domain is empty"],
    [".test@iana.org", "starts or ends with a dot"],
    ["test.@iana.org", "starts or ends with a dot"],
    ["test..iana@iana.org", "two in a row"],
    ["a b@iana.org", '" " only inside quotes'],
    ["a@b@iana.org", '"@" only inside quotes'],
    ["a\\b@iana.org", "only inside quotes"],
    ["test(comment)@iana.org", '"(" only inside quotes'],
    ["(comment)test@iana.org", '"(" only inside quotes'],
    ["test@iana.org(comment)", '"(" in it'],
    ["Name <test@iana.org>", "only inside quotes"],
    ["a,b@iana.org", '"," only inside quotes'],
    ['"test@iana.org', "not a valid quoted string"],
    ['"@iana.org', "not a valid quoted string"],
    ['"test"x@iana.org', "not a valid quoted string"],
    ['"test"."x"@iana.org', "not a valid quoted string"],
    ['test"x"@iana.org', "only inside quotes"],
    ['"test\\"@iana.org', "not a valid quoted string"],
    ['"te"st"@iana.org', "not a valid quoted string"],
    ['"te\r\n st"@iana.org', "cannot be used"],
    ["te\u0000st@iana.org", "cannot be used"],
    ["te\u037Est@iana.org", '";" only inside quotes'],
    ["te\u00A0st@iana.org", "cannot be used"],
    ["te\uD800st@iana.org", "cannot be used"],
    ["te\uFFFFst@iana.org", "cannot be used"],
    ["te\u200Bst@iana.org", "invisible"],
    ["test\u200D@iana.org", "invisible"],
    ["te\u202Est@iana.org", "invisible"],
    [`${A}a@iana.org`, "longer than 64 octets"],
    [`${"é".repeat(33)}@iana.org`, "longer than 64 octets"],
    [`test@${LABEL}d.com`, "longer than 63"],
    [`t@${`${LABEL}.`.repeat(4)}com`, "longer than 253"],
    [`${A}@${`${LABEL}.`.repeat(3)}com`, "longer than 254 octets"],
    ["test@".repeat(300), "longer than 254 octets"],
    ["test@iana", "no dot"],
    ["test@.iana.org", "starts or ends with a dot"],
    ["test@iana.org.", "starts or ends with a dot"],
    ["test@iana..org", "two in a row"],
    ["test@-iana.org", "hyphen"],
    ["test@iana-.org", "hyphen"],
    ["test@ia_na.org", '"_" in it'],
    ["test@iana.org:25", '":" in it'],
    ["test@iana.org/x", '"/" in it'],
    ["test@iana%2eorg", '"%" in it'],
    ["test@ia na.org", '" " in it'],
    ["test@[127.0.0.1]", "IP address"],
    ["test@[IPv6:::1]", "IP address"],
    ["test@127.0.0.1", "IP address"],
    ["test@0x7f.1", "IP address"],
    ["test@１２７.0.0.1", "IP address"],
    ["test@iana.123", "not a valid domain name"],
    ["test@xn--a.com", "encodes no name"],
    ["test@xn--mnchen-psa.de", "encodes no name"],
    ["test@xn--.com", "hyphen"],
    ["test@\u0300a.com", "not a valid domain name"],
    ["test@a／b.com", "not a valid domain name"],
    ["test@1א.com", "not a valid domain name"],
  ] as const)("%j: %s", ([text, fault], { expect }) => {
    expect(faultsOf(text).join("; ")).toContain(fault);
  });

  it("everything that is wrong at once", ({ expect }) => {
    expect(faultsOf("a b.@iana_.-org")).toHaveLength(3);
  });
});

describe("the canonical e-mail", () => {
  it.for([
    ["Test@IANA.org", "test@iana.org"],
    ["JOSÉ@iana.org", "jose\u0301@iana.org"],
    ["straße@iana.org", "STRASSE@iana.org"],
    ["STRAẞE@iana.org", "straße@iana.org"],
    ["ΟΔΟΣ@iana.org", "οδος@iana.org"],
    ["ｕｓｅｒ@iana.org", "user@iana.org"],
    ["ﬁn@iana.org", "fin@iana.org"],
    ["a@MÜNCHEN.de", "a@xn--mnchen-3ya.de"],
    ["a@mu\u0308nchen.de", "a@XN--MNCHEN-3YA.DE"],
    ["a<\u0338@iana.org", "a≮@iana.org"],
    ["a@ｉａｎａ.org", "a@iana.org"],
    ['"Test"@iana.org', "test@iana.org"],
    ['"a\\ b"@iana.org', '"A b"@iana.org'],
    ["❤@iana.org", "❤\uFE0F@iana.org"],
  ] as const)("is one for %j and %j", ([one, other], { expect }) => {
    expect(read(one)?.canonical).toBeDefined();
    expect(read(one)?.canonical).toBe(read(other)?.canonical);
  });

  it.for([
    ["user+a@gmail.com", "user@gmail.com"],
    ["us.er@gmail.com", "user@gmail.com"],
    ["a@faß.de", "a@fass.de"],
    ['"a b"@iana.org', '"ab"@iana.org'],
    ["jose@iana.org", "josé@iana.org"],
    ["a@iana.org", "a@mail.iana.org"],
  ] as const)("differs for %j and %j", ([one, other], { expect }) => {
    expect(read(one)?.canonical).toBeDefined();
    expect(read(one)?.canonical).not.toBe(read(other)?.canonical);
  });
});
