// Parses the part before the @: a dot-atom or a quoted string (RFC 5321 §4.1.2) with non-ASCII characters
// (RFC 6531 §3.3), and its canonical form.
import { isWithinBytes } from "../../lib/is-within-bytes";
import { lazyPattern } from "../../lib/lazy";

/** Octets of a local part (RFC 5321 §4.5.3.1.1). */
const MAX_LOCAL_PART_OCTETS = 64;

const ASCII = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~-]`;
const ATOM = String.raw`(?:${ASCII}|[^\0-\x7f])+`;
const DOT_ATOM = new RegExp(String.raw`^${ATOM}(?:\.${ATOM})*$`, "u");
/** A dot-atom of ASCII, the common case: it has no faults, and folding it only changes its letter case. */
const ASCII_DOT_ATOM = new RegExp(String.raw`^${ASCII}+(?:\.${ASCII}+)*$`);
const QUOTED = /^"(?:[ !#-[\]-~]|[^\0-\x7f]|\\[ -~])*"$/u;

// Unusable: control, unassigned and private-use characters, lone surrogates, and all spaces but the plain
// one, which a quoted string may hold.
const UNUSABLE = lazyPattern(String.raw`[\p{Cc}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}`, "u");
// Invisible: these come with copied text, or imitate somebody else's address. Joiners and variation selectors
// are part of Indic and Persian words and of emoji, so they are refused only after ASCII.
const JOINER = String.raw`(?:\u200C|\u200D|\uFE0E|\uFE0F)`;
const INVISIBLE = lazyPattern(
  String.raw`(?<![^\0-\x7f])${JOINER}|(?!${JOINER})[\p{Cf}\p{Default_Ignorable_Code_Point}]`,
  "u",
);

const IGNORABLE = lazyPattern(String.raw`\p{Default_Ignorable_Code_Point}`, "gu");

/** A parsed local part: `text` to send to, `canonical` to compare by. */
export interface LocalPart {
  readonly text: string;
  readonly canonical: string;
}

/**
 * Parses a local part in NFC and drops quotes that it does not need, or returns its faults. Refuses comments,
 * folding and quoted parts inside a dot-atom (`a."b"`), which RFC 5321 does not allow. Tags (`+news`) and
 * dots are kept: by the standard they name different mailboxes, and only the receiving host knows better.
 */
export function parseLocalPart(raw: string): LocalPart | { readonly faults: readonly string[] } {
  // Most addresses end here, without the checks below, which are most of the cost of reading one.
  if (raw.length <= MAX_LOCAL_PART_OCTETS && ASCII_DOT_ATOM.test(raw))
    return { text: raw, canonical: raw.toLowerCase() };
  const faults = [...findCharacterFaults(raw), ...findSyntaxFaults(raw)];
  const content = raw.startsWith('"') ? raw.slice(1, -1).replaceAll(/\\(.)/gu, "$1") : raw;
  const text = quoteIfNeeded(content);
  if (!isWithinBytes(text, MAX_LOCAL_PART_OCTETS)) {
    faults.push(`The part before the @ is longer than ${MAX_LOCAL_PART_OCTETS} octets`);
  }
  if (faults.length > 0) return { faults };
  return { text, canonical: quoteIfNeeded(foldForComparison(content)) };
}

function findCharacterFaults(raw: string): string[] {
  const faults: string[] = [];
  if (UNUSABLE().test(raw))
    faults.push("The part before the @ has a character that cannot be used");
  if (INVISIBLE().test(raw)) faults.push("The part before the @ has an invisible character");
  return faults;
}

function findSyntaxFaults(raw: string): string[] {
  if (raw === "") return ["The part before the @ is empty"];
  if (raw.startsWith('"')) {
    return QUOTED.test(raw) ? [] : ["The quoted part before the @ is not a valid quoted string"];
  }
  if (DOT_ATOM.test(raw)) return [];
  const faults: string[] = [];
  if (/^\.|\.$|\.\./.test(raw)) {
    faults.push("The part before the @ starts or ends with a dot, or has two in a row");
  }
  const refused = /[ "(),:;<>@[\\\]]/u.exec(raw)?.[0];
  if (refused !== undefined) {
    faults.push(`The part before the @ may have ${JSON.stringify(refused)} only inside quotes`);
  }
  return faults;
}

/**
 * Quotes a local part only if it is no dot-atom: the quoted form SHOULD be avoided otherwise (RFC 5321
 * §4.1.2).
 */
function quoteIfNeeded(content: string): string {
  return DOT_ATOM.test(content) ? content : `"${content.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

// Folds for comparison by NFKC instead of NFC, as IDNA does for the domain: full-width letters and ligatures
// then equal their plain spelling. RFC 6532 §3.1 warns that NFKC loses information, which is harmless here,
// since mail is sent to `text` and never to this key. Lower, upper, lower is Unicode case folding (`ß` =
// `SS`, `ς` = `σ`), except that dotless `ı` equals `i`, because both have the same capital.
function foldForComparison(content: string): string {
  return content
    .normalize("NFKC")
    .replaceAll(IGNORABLE(), "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC");
}
