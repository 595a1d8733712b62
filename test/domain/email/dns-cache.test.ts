import { beforeEach, describe, it } from "vitest";
import type { DnsAnswer } from "../../../src/domain/email/dns-answer";
import { DnsCache } from "../../../src/domain/email/dns-cache";
import { fixedLimit } from "../../../src/lib/deadline";

const OPEN = fixedLimit(Infinity, new AbortController().signal);
const MX = { type: 15, data: "10 mx.example.com." };

let now = 0;
let asked: string[] = [];
let answer: DnsAnswer | Error;
let resolve: (name: string, type?: "MX" | "A") => Promise<DnsAnswer>;

beforeEach(() => {
  [now, asked] = [0, []];
  answer = { responseCode: 0, records: [MX], ttlS: 60 };
  const cached = new DnsCache(() => now).over(async (name, type) => {
    asked.push(`${type} ${name}`);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  resolve = async (name, type = "MX") => cached(name, type, OPEN);
});

describe("DnsCache", () => {
  it("asks once for as long as the answer holds", async ({ expect }) => {
    const first = await resolve("example.com");
    now = 59_999;
    const again = await resolve("example.com");

    expect([asked, again]).toEqual([["MX example.com"], first]);
  });

  it("asks again when the answer is over", async ({ expect }) => {
    await resolve("example.com");
    now = 60_000;
    await resolve("example.com");

    expect(asked).toHaveLength(2);
  });

  it("keeps no answer for more than five minutes", async ({ expect }) => {
    answer = { responseCode: 0, records: [MX], ttlS: 86_400 };
    await resolve("example.com");
    now = 300_000;
    await resolve("example.com");

    expect(asked).toHaveLength(2);
  });

  it("tells names and types of records apart", async ({ expect }) => {
    for (const name of ["a.example", "b.example"]) await resolve(name);
    await resolve("a.example", "A");

    expect(asked).toEqual(["MX a.example", "MX b.example", "A a.example"]);
  });

  it("keeps no answer without records, which says nothing of how long it holds", async ({
    expect,
  }) => {
    answer = { responseCode: 3, records: [], ttlS: 0 };
    for (let time = 0; time < 2; time += 1) await resolve("example.com");

    expect(asked).toHaveLength(2);
  });

  it("keeps no failure", async ({ expect }) => {
    answer = new Error("down");
    await resolve("example.com").catch(() => undefined);
    answer = { responseCode: 0, records: [MX], ttlS: 60 };

    expect(await resolve("example.com")).toBe(answer);
  });

  it("forgets the oldest of more than a thousand", async ({ expect }) => {
    for (let n = 0; n <= 1000; n += 1) await resolve(`${n}.example`);
    asked = [];
    for (const n of [1000, 1, 0]) await resolve(`${n}.example`);

    expect(asked).toEqual(["MX 0.example"]);
  });
});
