import { describe, it } from "vitest";
import { parseDnsJson } from "../../../src/domain/email/dns-answer";

describe("parseDnsJson", () => {
  it("reads the code and the records of a resolver's answer", ({ expect }) => {
    const answer = parseDnsJson({
      Status: 0,
      TC: false,
      RD: true,
      Question: [{ name: "iana.org", type: 15 }],
      Answer: [{ name: "iana.org", type: 15, TTL: 300, data: "10 mx.iana.org." }],
    });
    const records = [{ type: 15, data: "10 mx.iana.org." }];
    expect(answer).toEqual({ responseCode: 0, records, ttlS: 300 });
  });

  it("reads an answer without records", ({ expect }) => {
    expect(parseDnsJson({ Status: 3 })).toEqual({ responseCode: 3, records: [], ttlS: 0 });
  });

  it("holds an answer no longer than the record that holds for the shortest", ({ expect }) => {
    const Answer = [300, 20, 3600].map((TTL) => ({ type: 5, TTL, data: "mx.iana.org." }));

    expect(parseDnsJson({ Status: 0, Answer }).ttlS).toBe(20);
  });

  it.for([
    [null],
    ["<html>"],
    [{}],
    [{ Status: "0" }],
    [{ Status: 0, Answer: {} }],
    [{ Status: 0, Answer: [{ type: 15 }] }],
    [{ Status: 0, Answer: Array.from({ length: 1_001 }, () => ({ type: 1, data: "192.0.2.1" })) }],
  ])("throws on %j", ([json], { expect }) => {
    expect(() => parseDnsJson(json)).toThrow();
  });
});
