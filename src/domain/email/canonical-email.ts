// Parses e-mail addresses: the form to send to, and a canonical form that all spellings of one address share,
// by which users are unique.
import { isWithinBytes } from "../../lib/is-within-bytes";
import { parseLocalPart } from "./local-part";
import { parseMailDomain } from "./mail-domain";

/**
 * Octets of an address: a path of 256 octets without its angle brackets (RFC 5321 §4.5.3.1.3, erratum 1690 of
 * RFC 3696).
 */
export const MAX_EMAIL_OCTETS = 254;
/** Characters of the input, enough for every spelling of a valid address. Keeps the parsers off long texts. */
const MAX_INPUT_CHARACTERS = 1_024;

/** A syntactically valid address. */
export interface Email {
  /** For sending: local part as typed (NFC, letter case kept), domain in lower-case A-label form. */
  readonly address: string;
  /** For comparing, never for sending: equal for all spellings of one address. May be longer than `address`. */
  readonly canonical: string;
  /** The part after the @ in `address`. */
  readonly domain: string;
}

/** A parsed address, or all its faults as sentences for the caller. */
export type ParsedEmail =
  | { readonly ok: true; readonly email: Email }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * Parses one bare address (RFC 5321 §4.1.2 `Mailbox`, RFC 6531 §3.3), without the white space around it, as
 * browsers do. Refuses comments, folding, display names and IP literals.
 */
export function parseEmail(text: string): ParsedEmail {
  const trimmed = text.trim();
  if (trimmed.length > MAX_INPUT_CHARACTERS) return { ok: false, faults: [tooLong] };
  // Normalised before anything is checked: NFC can produce ASCII (U+037E becomes `;`) and remove it (`<` in
  // `≮`).
  const normal = trimmed.normalize("NFC");
  const at = normal.lastIndexOf("@");
  if (at === -1) return { ok: false, faults: ["The address has no @"] };

  const local = parseLocalPart(normal.slice(0, at));
  const host = parseMailDomain(normal.slice(at + 1));
  if ("faults" in local || "faults" in host) {
    return {
      ok: false,
      faults: [local, host].flatMap((part) => ("faults" in part ? part.faults : [])),
    };
  }
  const address = `${local.text}@${host.domain}`;
  if (!isWithinBytes(address, MAX_EMAIL_OCTETS)) return { ok: false, faults: [tooLong] };
  const canonical = `${local.canonical}@${host.domain}`;
  return { ok: true, email: { address, canonical, domain: host.domain } };
}

const tooLong = `The address is longer than ${MAX_EMAIL_OCTETS} octets`;
