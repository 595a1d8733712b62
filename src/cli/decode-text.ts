// The bytes of a file as text. A byte that is no character of its encoding is refused, since what would
// stand in its place is not what the file says.
import { UsageError } from "./exit-code";

const LINE_FEED = 0x0a;
/** Characters of a line that a refusal shows. */
const MAX_SHOWN = 40;

/**
 * Decodes a file: by its byte order mark, else by the encoding given, else as UTF-8.
 *
 * @throws UsageError that names the line
 */
export function decodeText(
  bytes: Uint8Array,
  encoding: string | undefined,
  origin: string,
): string {
  const label = encodingOfMark(bytes) ?? encoding ?? "utf-8";
  const decoder = decoderOf(label);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new UsageError(describe(bytes, decoder, origin));
  }
}

/** https://encoding.spec.whatwg.org/#bom-sniff */
function encodingOfMark([first, second]: Uint8Array): string | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: false });
  } catch {
    throw new UsageError(
      `There is no encoding ${label}; common ones: utf-8, windows-1252, utf-16le.`,
    );
  }
}

function describe(bytes: Uint8Array, decoder: TextDecoder, origin: string): string {
  const { encoding } = decoder;
  if (encoding !== "utf-8") return `${origin} is not ${encoding}.`;
  const { line, content } = findFault(bytes, decoder);
  const shown = new TextDecoder("latin1").decode(content).trim().slice(0, MAX_SHOWN);
  return `${origin}, line ${line} is not UTF-8. If "${shown}" looks right, add --encoding windows-1252.`;
}

/** The first line that cannot be decoded. In UTF-8 no other character contains the byte of a line feed. */
function findFault(bytes: Uint8Array, decoder: TextDecoder) {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found === -1 ? bytes.length : found + 1;
    const content = bytes.subarray(start, end);
    if (found === -1 || !isDecodable(content, decoder)) return { line, content };
    start = end;
  }
}

function isDecodable(bytes: Uint8Array, decoder: TextDecoder): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
