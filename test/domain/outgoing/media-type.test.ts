// The table of the Fetch and MIME Sniffing standards: which type and charset a Content-Type gives.
import { describe, it } from "vitest";
import { mediaTypeOf } from "../../../src/domain/outgoing/media-type";

describe("mediaTypeOf", () => {
  it.for<[string | null, string, string | null]>([
    [null, "", null],
    ["", "", null],
    ["text/html", "text/html", null],
    ["TEXT/HTML;CHARSET=GBK", "text/html", "GBK"],
    ["text/html;charset=gbk(", "text/html", "gbk("],
    ["text/html;x=(;charset=gbk", "text/html", "gbk"],
    ["text/html;charset=gbk;charset=windows-1255", "text/html", "gbk"],
    ["text/html;charset=();charset=GBK", "text/html", "()"],
    ["text/html;charset =gbk", "text/html", null],
    ["text/html ;charset=gbk", "text/html", "gbk"],
    ["text/html; charset=gbk", "text/html", "gbk"],
    ["text/html;\tcharset=gbk", "text/html", "gbk"],
    ["text/html;charset= gbk", "text/html", " gbk"],
    ['text/html;charset= "gbk"', "text/html", ' "gbk"'],
    ["text/html;charset='gbk'", "text/html", "'gbk'"],
    ["text/html;charset=;charset=GBK", "text/html", "GBK"],
    ["text/html;test;charset=gbk", "text/html", "gbk"],
    ["text/html;test=;charset=gbk", "text/html", "gbk"],
    ["text/html;';charset=gbk", "text/html", "gbk"],
    ['text/html;";charset=gbk', "text/html", "gbk"],
    ["text/html ; ; charset=gbk", "text/html", "gbk"],
    ["text/html;;;;charset=gbk", "text/html", "gbk"],
    ['text/html;charset="gbk"', "text/html", "gbk"],
    ['text/html;charset="gbk', "text/html", "gbk"],
    ['text/html;charset="\\g\\b\\k"', "text/html", "gbk"],
    ['text/html;charset="gbk"x', "text/html", "gbk"],
    ['text/html;charset="";charset=GBK', "text/html", ""],
    ['text/html;charset=";charset=foo";charset=GBK', "text/html", ";charset=foo"],
    ["text/html;charset=gbk ", "text/html", "gbk"],
    ["application/vnd.api+json ; v=1", "application/vnd.api+json", null],
    ["text", "", null],
    ["text/", "", null],
    ["/html", "", null],
    ["te xt/html", "", null],
    ["text/ht(ml", "", null],
  ])("reads %j", ([header, essence, charset], { expect }) => {
    expect(mediaTypeOf(header)).toEqual({ essence, charset });
  });

  it.for<[string, string, string | null]>([
    ["text/plain;charset=gbk, text/html", "text/html", null],
    ["text/html;charset=gbk;a=b, text/html;x=y", "text/html", "gbk"],
    ["text/html;charset=gbk, x/x, text/html;x=y", "text/html", null],
    ["text/html, */*", "text/html", null],
    ["text/html, */*;charset=gbk", "text/html", null],
    ["text/html, cannot-parse", "text/html", null],
    ['text/html, cannot-parse;charset="a,b"', "text/html", null],
    ["text/html;charset=utf-8, text/html;charset=gbk", "text/html", "gbk"],
    ['text/html;charset=";charset=a, text/plain', "text/html", ";charset=a, text/plain"],
  ])(
    "of several fields (%j) takes the last that is valid",
    ([header, essence, charset], { expect }) => {
      expect(mediaTypeOf(header)).toEqual({ essence, charset });
    },
  );
});
