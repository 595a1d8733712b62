// The hosts that the tests of the host policy ask for, in spellings that hide them.

const LOOPBACK = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "127.255.255.254",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0X7F.0.0.0x1",
  "017700000001",
  "0177.0.0.1",
  "0177.0.0.01",
  "127.0.0.1.",
  "0x7f000001.",
  "0",
  "0.0.0.0",
  "0x0",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "localhost..",
  "api.localhost",
  "api.localhost.",
  // Characters that IDNA maps to ASCII digits, dots and letters, or drops.
  "\uff11\uff12\uff17.\uff10.\uff10.\uff11", // fullwidth digits
  "127\uff0e0\uff0e0\uff0e1", // fullwidth dots
  "127\u30020\u30020\u30021", // ideographic dots
  "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", // enclosed digits
  "\u{1d7cf}\u{1d7d0}\u{1d7d5}.\u{1d7ce}.\u{1d7ce}.\u{1d7cf}", // mathematical digits
  "\u00b9\u00b2\u2077.\u2070.\u2070.\u00b9", // superscript digits
  "\uff10\uff58\uff17\uff46\uff10\uff10\uff10\uff10\uff10\uff11", // fullwidth hexadecimal
  "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54", // fullwidth letters
  "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3", // enclosed letters
  "local\u00adhost", // a soft hyphen
  "local\u200bhost", // a zero-width space
  "%31%32%37.0.0.1",
  "%6cocalhost",
  "[::1]",
  "[0:0:0:0:0:0:0:1]",
  "[0000:0000:0000:0000:0000:0000:0000:0001]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::FFFF:7F00:0001]",
  "[::ffff:0:127.0.0.1]",
  "[::127.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::127.0.0.1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
];

const NOT_PUBLIC = [
  "10.0.0.1",
  "012.0.0.1",
  "0xa000001",
  "167772161",
  "100.64.0.1",
  "100.127.255.254",
  "169.254.169.254",
  "0xA9FEA9FE",
  "2852039166",
  "0251.0376.0251.0376",
  "172.16.0.1",
  "172.31.255.254",
  "192.0.0.1",
  "192.0.2.1",
  "192.168.0.1",
  "192.168.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "[::ffff:10.0.0.1]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::10.0.0.1]",
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b:1::1]",
  "[2002:a00:1::]",
  "[2002:c0a8:1::1]",
  "[100::1]",
  "[2001:2::1]",
  "[2001:10::1]",
  "[2001:db8::1]",
  "[3fff::1]",
  "[5f00::1]",
  "[fc00::1]",
  "[fd12:3456:789a::1]",
  "[fe80::1]",
  "[febf::1]",
  "[fec0::1]",
  "[ff02::1]",
  "printer.local",
  "printer.local.",
  "PRINTER.LOCAL",
  "metadata.google.internal",
  "metadata.google.internal.",
];

/** Hosts that are not public, in every spelling that a URL parser reads. */
export const HOSTS = [...LOOPBACK, ...NOT_PUBLIC];

/** URLs with parts that a parser strips, folds or guesses before it comes to the host; `PORT` stands for a port. */
export const WRITTEN_ODDLY = [
  "http:127.0.0.1:PORT/echo",
  "http:/127.0.0.1:PORT/echo",
  "http:///127.0.0.1:PORT/echo",
  "http:\\\\127.0.0.1:PORT\\echo",
  "http://\\127.0.0.1:PORT/echo",
  "  http://127.0.0.1:PORT/echo",
  "ht\ntp://127.0.\t0.1:PORT/echo",
  "HTTP://127.0.0.1:PORT/echo",
  "http://127.0.0.1:0PORT/echo",
  "http://127.0.0.1:PORT#@public.example/",
  "http://127.0.0.1:PORT\\@public.example/",
];
