// JSON documents that parsers disagree about, after the public JSON parsing test suites: bytes that
// must be refused, texts that must be taken, and texts that may be either.

const encoder = new TextEncoder();
const bytes = (...values: number[]) => new Uint8Array(values);

/** Is no JSON by RFC 8259: refused as malformed. */
export const NO_JSON: Readonly<Record<string, string | Uint8Array>> = {
  "nothing at all": "",
  "only spaces": " ",
  "only a byte order mark": bytes(0xef, 0xbb, 0xbf),
  "two byte order marks": bytes(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x31),
  "two values": "1 2",
  "an array and more": "[1]x",
  "a truncated array": "[1,",
  "a truncated object": '{"a":',
  "a truncated string": '"abc',
  "a truncated escape": '"\\',
  "a truncated unicode escape": '"\\u00A"',
  "a truncated literal": "tru",
  "a trailing comma in an array": "[1,]",
  "a trailing comma in an object": '{"a":1,}',
  "a leading comma": "[,1]",
  "only a comma": "[,]",
  "a double comma": "[1,,2]",
  "no comma": "[1 true]",
  "no colon": '{"a" 1}',
  "two colons": '{"a"::1}',
  "no key": "{:1}",
  "a bare key": "{a:1}",
  "a number as a key": "{1:1}",
  "single quotes": "{'a':'b'}",
  "a line comment": "[1] // one",
  "a block comment": "[/* one */1]",
  "a hash comment": "[1] # one",
  "a capital literal": "[TRUE]",
  NaN: "[NaN]",
  Infinity: "[-Infinity]",
  undefined: "[undefined]",
  "a plus sign": "[+1]",
  "a leading zero": "[012]",
  "a negative leading zero": "[-012]",
  "a leading dot": "[.5]",
  "a trailing dot": "[1.]",
  "a dot before the exponent": "[1.e3]",
  "an empty exponent": "[1e]",
  "an empty signed exponent": "[1e+]",
  "two signs": "[--1]",
  "a lone minus": "[-]",
  hexadecimal: "[0x1F]",
  "an underscore in a number": "[1_000]",
  "a full-width digit": "[１]",
  "a raw tab in a string": '["\t"]',
  "a raw line break in a string": '["\n"]',
  "a raw NUL in a string": '["\u0000"]',
  "NUL after a value": "1\u0000",
  "NUL instead of a space": "[1\u0000]",
  "an escaped NUL byte": '["\\\u0000"]',
  "an unknown escape": '["\\x41"]',
  "an octal escape": '["\\101"]',
  "a capital U escape": '["\\U00000041"]',
  "an escaped line break": '["\\\n"]',
  "an unclosed array": "[1",
  "an unopened array": "1]",
  "brackets that do not fit": "[1}",
  "a form feed as a space": "[\u000c1]",
  "a no-break space": "[\u00a01]",
  "a byte order mark inside": "[\ufeff1]",
  "a line separator as a space": "[\u20281]",
  "a template literal": "[`a`]",
  "a bare word": "hello",
  "form data": "a=1&b=2",
  XML: "<a/>",
  "a lone continuation byte": bytes(0x22, 0x80, 0x22),
  "an overlong slash": bytes(0x22, 0xc0, 0xaf, 0x22),
  "an overlong NUL": bytes(0x22, 0xe0, 0x80, 0x80, 0x22),
  "a surrogate in UTF-8": bytes(0x22, 0xed, 0xa0, 0x80, 0x22),
  "a code point beyond Unicode": bytes(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22),
  "a byte that is never UTF-8": bytes(0x22, 0xff, 0x22),
  "a truncated character": bytes(0x22, 0xe2, 0x82, 0x22),
  "Latin-1": bytes(0x22, 0xe9, 0x22),
  "UTF-16, big endian": bytes(0xfe, 0xff, 0x00, 0x5b, 0x00, 0x5d),
  "UTF-16, little endian": bytes(0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00),
  "UTF-16 without a mark": bytes(0x00, 0x5b, 0x00, 0x5d),
};

/** More structure than memory holds, be it JSON or not: refused before it is parsed. */
export const TOO_MUCH: Readonly<Record<string, string>> = {
  "many open brackets": "[".repeat(100_000),
  "many open objects": '{"a":'.repeat(50_000),
  "257 levels": "[".repeat(257) + "]".repeat(257),
  "100,000 levels": "[".repeat(100_000) + "]".repeat(100_000),
  "a hundred thousand objects": `[${"{},".repeat(100_000)}0]`,
  "two hundred and fifty thousand lists": `[${"[],".repeat(250_000)}0]`,
  "half a million numbers": `[${"1,".repeat(500_000)}0]`,
};

/** Is JSON, but a double cannot hold its number: refused, since it would be changed. */
export const NOT_EXACT: Readonly<Record<string, string>> = {
  "a number too large": "1e999",
  "a negative number too large": "-1e+9999",
  "an exponent of a thousand digits": `1e${"9".repeat(1000)}`,
  "more digits than a double has": "123456789012345678901234567890",
  "the first integer that is not safe": "9007199254740992",
  "the first that a double has not": "-9007199254740993",
};

/** Is JSON: taken, and kept as it is. `becomes` where what comes out is written otherwise. */
export const IS_JSON: Readonly<
  Record<string, { readonly text: string; readonly becomes?: string }>
> = {
  null: { text: "null" },
  false: { text: "false" },
  "an empty array": { text: "[]" },
  "an empty object": { text: "{}" },
  "an empty string": { text: '""' },
  "an empty key": { text: '{"":0}' },
  "spaces everywhere": { text: ' \t\r\n[ 1 , { "a" : 2 } ]\n', becomes: '[1,{"a":2}]' },
  "minus zero": { text: "-0", becomes: "0" },
  "minus zero with an exponent": { text: "-0e+1", becomes: "0" },
  "a large exponent": { text: "123e45", becomes: "1.23e+47" },
  "the last safe integer": { text: "9007199254740991" },
  "the largest double": { text: "1.7976931348623157e308", becomes: "1.7976931348623157e+308" },
  "a number too small": { text: "1e-999", becomes: "0" },
  "a thousand digits": { text: `0.${"1".repeat(1000)}`, becomes: "0.1111111111111111" },
  "escapes of every kind": {
    text: '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"',
    becomes: '"\\"\\\\/\\b\\f\\n\\r\\tA"',
  },
  "an escaped NUL": { text: '"\\u0000"' },
  "an escaped surrogate pair": { text: '"\\ud83d\\ude00"', becomes: '"😀"' },
  "a lone high surrogate": { text: '"\\ud800"' },
  "a lone low surrogate": { text: '"\\udfff"' },
  "surrogates the wrong way round": { text: '"\\ude00\\ud83d"' },
  "a noncharacter": { text: '"\uffff"' },
  "line separators in a string": { text: '"\u2028\u2029"' },
  "a delete character": { text: '"\u007f"' },
  "right-to-left overrides": { text: '"\u202eabc\u202c"' },
  "duplicate keys: the last counts": { text: '{"a":1,"a":2}', becomes: '{"a":2}' },
  "duplicate keys by an escape": { text: '{"a":1,"\\u0061":2}', becomes: '{"a":2}' },
  "keys of the prototype": { text: '{"__proto__":1,"constructor":2,"toString":3}' },
  "a key that is a number": { text: '{"1":1,"0":0}', becomes: '{"0":0,"1":1}' },
  "many brackets, within the limit": { text: "[".repeat(60) + "]".repeat(60) },
};

/** As UTF-8. */
export function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? encoder.encode(text) : text;
}
