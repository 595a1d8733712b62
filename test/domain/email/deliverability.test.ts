import { describe, it } from "vitest";
import { checkDeliverability } from "../../../src/domain/email/deliverability";
import { fixedLimit } from "../../../src/lib/deadline";
import { fakeDns } from "./fake-dns";

const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const OPEN = fixedLimit(Infinity, new AbortController().signal);

describe("checkDeliverability", () => {
  it.for([
    ["one MX", { MX: ["10 mx.iana.org."] }, "deliverable", "mail-server-found"],
    ["an MX beside a null MX", { MX: ["0 .", "10 mx."] }, "deliverable", "mail-server-found"],
    ["no MX but A", { A: ["192.0.2.1"] }, "deliverable", "address-record-only"],
    ["no MX but AAAA", { AAAA: ["2001:db8::1"] }, "deliverable", "address-record-only"],
    [
      "A, though AAAA fails",
      { A: ["192.0.2.1"], AAAA: SERVFAIL },
      "deliverable",
      "address-record-only",
    ],
    ["a null MX", { MX: ["0 ."], A: ["192.0.2.1"] }, "undeliverable", "null-mx"],
    ["only itself", { MX: ["10 localhost."], A: ["192.0.2.1"] }, "undeliverable", "no-mail-server"],
    [
      "a reserved name",
      { MX: ["5 Mail.INVALID.", "10 mx.local"] },
      "undeliverable",
      "no-mail-server",
    ],
    ["an address", { MX: ["10 192.0.2.1.", "20 [192.0.2.1]"] }, "undeliverable", "no-mail-server"],
    ["an IPv6 address", { MX: ["10 2001:db8::1"] }, "undeliverable", "no-mail-server"],
    ["one beside a null MX", { MX: ["0 .", "10 localhost."] }, "undeliverable", "no-mail-server"],
    [
      "one of several",
      { MX: ["1 localhost.", "2 mx.iana.org."] },
      "deliverable",
      "mail-server-found",
    ],
    [
      "a name like a reserved one",
      { MX: ["1 localhost.iana.org."] },
      "deliverable",
      "mail-server-found",
    ],
    [
      "an address of its own",
      { A: ["127.0.0.1"], AAAA: ["::1"] },
      "undeliverable",
      "no-mail-server",
    ],
    ["no such domain", { MX: NXDOMAIN }, "undeliverable", "domain-not-found"],
    ["no records at all", {}, "undeliverable", "no-mail-server"],
    ["SERVFAIL", { MX: SERVFAIL }, "unknown", "dns-failed"],
    ["REFUSED", { MX: REFUSED }, "unknown", "dns-failed"],
    ["a rejection", { MX: new TypeError("network") }, "unknown", "dns-failed"],
    ["an unreadable MX", { MX: ["mx.iana.org."] }, "unknown", "dns-failed"],
    ["no A, and AAAA fails", { AAAA: SERVFAIL }, "unknown", "dns-failed"],
    ["no AAAA, and A rejects", { A: new TypeError("network") }, "unknown", "dns-failed"],
  ] as const)("%s: %j is %s", async ([, replies, verdict, reason], { expect }) => {
    const result = await checkDeliverability("iana.org", fakeDns(replies).resolve, OPEN);
    expect(result).toEqual({ verdict, reason });
  });

  it("does not take an alias on the way for a mail server", async ({ expect }) => {
    const result = await checkDeliverability(
      "iana.org",
      async () => ({ responseCode: 0, records: [{ type: 5, data: "other.example." }], ttlS: 60 }),
      OPEN,
    );
    expect(result).toEqual({ verdict: "undeliverable", reason: "no-mail-server" });
  });

  it("asks once when there is an MX, and never more than three times", async ({ expect }) => {
    const usual = fakeDns({ MX: ["10 mx.iana.org."] });
    await checkDeliverability("iana.org", usual.resolve, OPEN);
    expect(usual.asked).toEqual(["MX iana.org"]);

    const bare = fakeDns({});
    await checkDeliverability("iana.org", bare.resolve, OPEN);
    expect(bare.asked).toEqual(["MX iana.org", "A iana.org", "AAAA iana.org"]);
  });

  it.for([[{ MX: "never" }], [{ A: "never" }], [{ A: SERVFAIL, AAAA: "never" }]] as const)(
    "%j is unknown once the deadline has passed, though the resolver ignores it",
    async ([replies], { expect }) => {
      const deadline = new AbortController();
      const result = checkDeliverability(
        "iana.org",
        fakeDns(replies).resolve,
        fixedLimit(Infinity, deadline.signal),
      );
      deadline.abort();
      expect(await result).toEqual({ verdict: "unknown", reason: "dns-timeout" });
    },
  );

  it("keeps the address that came in time when the other family never answers", async ({
    expect,
  }) => {
    const deadline = new AbortController();
    const { resolve } = fakeDns({ A: ["192.0.2.1"], AAAA: "never" });
    const result = checkDeliverability(
      "iana.org",
      async (name, type, signal) => {
        const answer = resolve(name, type, signal);
        // By then A has been answered.
        if (type === "AAAA") setTimeout(() => deadline.abort(), 0);
        return answer;
      },
      fixedLimit(Infinity, deadline.signal),
    );
    expect(await result).toEqual({ verdict: "deliverable", reason: "address-record-only" });
  });

  it("asks nothing after the deadline", async ({ expect }) => {
    const { asked, resolve } = fakeDns({ MX: ["10 mx.iana.org."] });
    const result = await checkDeliverability(
      "iana.org",
      resolve,
      fixedLimit(Infinity, AbortSignal.abort()),
    );
    expect(result).toEqual({ verdict: "unknown", reason: "dns-timeout" });
    expect(asked).toEqual([]);
  });
});
