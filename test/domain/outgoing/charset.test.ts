// The Encoding standard's "decode": every label of it, byte order marks, labels that it does not know.
import { describe, it } from "vitest";
import { decodeText } from "../../../src/domain/outgoing/charset";

/** Labels by the encoding that they name (https://encoding.spec.whatwg.org/#names-and-labels). */
const LABELS: Readonly<Record<string, string>> = {
  "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
  ibm866: "866 cp866 csibm866 ibm866",
  "iso-8859-2":
    "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
  "iso-8859-3":
    "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
  "iso-8859-4":
    "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
  "iso-8859-5":
    "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
  "iso-8859-6":
    "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
  "iso-8859-7":
    "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 sun_eu_greek",
  "iso-8859-8":
    "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual",
  "iso-8859-8-i": "csiso88598i iso-8859-8-i logical",
  "iso-8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
  "iso-8859-13": "iso-8859-13 iso8859-13 iso885913",
  "iso-8859-14": "iso-8859-14 iso8859-14 iso885914",
  "iso-8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
  "iso-8859-16": "iso-8859-16",
  "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
  "koi8-u": "koi8-ru koi8-u",
  macintosh: "csmacintosh mac macintosh x-mac-roman",
  "windows-874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
  "windows-1250": "cp1250 windows-1250 x-cp1250",
  "windows-1251": "cp1251 windows-1251 x-cp1251",
  "windows-1252":
    "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
  "windows-1253": "cp1253 windows-1253 x-cp1253",
  "windows-1254":
    "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254 x-cp1254",
  "windows-1255": "cp1255 windows-1255 x-cp1255",
  "windows-1256": "cp1256 windows-1256 x-cp1256",
  "windows-1257": "cp1257 windows-1257 x-cp1257",
  "windows-1258": "cp1258 windows-1258 x-cp1258",
  "x-mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
  gbk: "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
  gb18030: "gb18030",
  big5: "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
  "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
  "iso-2022-jp": "csiso2022jp iso-2022-jp",
  shift_jis: "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
  "euc-kr":
    "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
  "utf-16be": "unicodefffe utf-16be",
  "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
  "x-user-defined": "x-user-defined",
};

/** Bytes and their text in some of them. */
const SAMPLES: Readonly<Record<string, readonly [bytes: number[], text: string]>> = {
  "utf-8": [[0x63, 0xc3, 0xa9], "cé"],
  ibm866: [[0x80], "А"],
  "iso-8859-2": [[0xb1], "ą"],
  "iso-8859-5": [[0xb0], "А"],
  "iso-8859-7": [[0xe1], "α"],
  "iso-8859-15": [[0xa4], "€"],
  "koi8-r": [[0xc1], "а"],
  "windows-1250": [[0xb9], "ą"],
  "windows-1251": [[0xe0], "а"],
  "windows-1252": [[0x80, 0xe9], "€é"],
  macintosh: [[0x8e], "é"],
  gbk: [[0xc4, 0xe3], "你"],
  gb18030: [[0xc4, 0xe3], "你"],
  big5: [[0xa7, 0x41], "你"],
  "euc-jp": [[0xa4, 0xa2], "あ"],
  "iso-2022-jp": [[0x1b, 0x24, 0x42, 0x24, 0x22, 0x1b, 0x28, 0x42], "あ"],
  shift_jis: [[0x82, 0xa0], "あ"],
  "euc-kr": [[0xb0, 0xa1], "가"],
  "utf-16be": [[0, 0x68, 0, 0x69], "hi"],
  "utf-16le": [[0x68, 0, 0x69, 0], "hi"],
  "x-user-defined": [[0x41, 0x80], "A\uf780"],
};

describe("decodeText", () => {
  it.for(Object.entries(SAMPLES))(
    "reads %s by each of its labels",
    ([name, [bytes, text]], { expect }) => {
      const labels = (LABELS[name] ?? "").split(" ");
      for (const label of [...labels, ...labels.map((each) => ` ${each.toUpperCase()} `)])
        expect([label, decodeText(Uint8Array.from(bytes), label)]).toEqual([label, text]);
    },
  );

  it("knows every label of the standard", ({ expect }) => {
    const names = Object.entries(LABELS).flatMap(([name, labels]) =>
      labels.split(" ").map((label) => [name, label] as const),
    );
    for (const [name, label] of names)
      expect([label, new TextDecoder(label).encoding]).toEqual([label, name]);
  });

  it.for(["utf8mb4", "'utf-8'", '"utf-8"', "utf-32", "none", "", "x", "utf 8"])(
    "takes the unknown label %j for none, which is UTF-8",
    (label, { expect }) => {
      expect(decodeText(Uint8Array.of(0x63, 0xc3, 0xa9), label)).toBe("cé");
    },
  );

  it("shows bytes that do not decode as U+FFFD", ({ expect }) => {
    expect(decodeText(Uint8Array.of(0x61, 0xff, 0x62), null)).toBe("a\ufffdb");
    expect(decodeText(Uint8Array.of(0xc3), "utf-8")).toBe("\ufffd");
    expect(decodeText(Uint8Array.of(0x61, 0, 0x62), "utf-16le")).toBe("a\ufffd");
  });

  it.for([null, "utf-8", "windows-1252", "utf-16be", "shift_jis"])(
    "lets a byte order mark win over the label %j, and drops it",
    (label, { expect }) => {
      expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x68), label)).toBe("h");
      expect(decodeText(Uint8Array.of(0xff, 0xfe, 0x68, 0), label)).toBe("h");
      expect(decodeText(Uint8Array.of(0xfe, 0xff, 0, 0x68), label)).toBe("h");
    },
  );

  it.for([
    "replacement",
    "iso-2022-kr",
    "hz-gb-2312",
    "csiso2022kr",
    "iso-2022-cn",
    "ISO-2022-CN-EXT",
  ])("shows nothing of %s, which the standard forbids to decode", (label, { expect }) => {
    expect(decodeText(Uint8Array.of(0x68, 0x69), label)).toBe("\ufffd");
    expect(decodeText(new Uint8Array(), label)).toBe("");
  });
});
