// Decodes bytes by the Encoding standard's "decode": a byte order mark wins over the label, a label that is
// unknown counts as none, none means UTF-8, and bytes that do not decode become U+FFFD.

type Decoder = Pick<TextDecoder, "decode" | "encoding">;

const utf8: Decoder = new TextDecoder();

/** Labels of the encoding "replacement", for which there is no decoder: whatever it is, nobody is to read it. */
const REPLACEMENT = new Set([
  "csiso2022kr",
  "hz-gb-2312",
  "iso-2022-cn",
  "iso-2022-cn-ext",
  "iso-2022-kr",
  "replacement",
]);

const replacement: Decoder = {
  encoding: "replacement",
  decode: (bytes) => (bytes instanceof Uint8Array && bytes.length > 0 ? "\ufffd" : ""),
};

/** Decodes bytes as a text without its byte order mark. Never fails. */
export function decodeText(bytes: Uint8Array, label: string | null): string {
  return decoderOf(bytes, label).decode(bytes);
}

/** True if the bytes decode as UTF-8, either labelled so or by default. */
export function isUtf8(bytes: Uint8Array, label: string | null): boolean {
  return decoderOf(bytes, label) === utf8;
}

function decoderOf(bytes: Uint8Array, label: string | null): Decoder {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return utf8;
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be");
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le");
  return label === null ? utf8 : decoderFor(label);
}

/** The last decoder by its label: calls of one API bear the same. */
let last = { label: "utf-8", decoder: utf8 };

function decoderFor(label: string): Decoder {
  if (label !== last.label) last = { label, decoder: createDecoder(label) };
  return last.decoder;
}

function createDecoder(label: string): Decoder {
  try {
    const decoder = new TextDecoder(label);
    return decoder.encoding === utf8.encoding ? utf8 : decoder;
  } catch {
    return REPLACEMENT.has(label.trim().toLowerCase()) ? replacement : utf8;
  }
}
