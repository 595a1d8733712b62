// Finds the domain meant by a likely typo: `gmial.com`, `hotmail.con`, `gmail.org`. Cautious: it would rather
// miss a typo than doubt a good domain, since the result is only a suggestion. So only names of large
// providers are compared, which are typed often and misspelt often; near a small one there are real ones.
import { editDistance } from "../../lib/edit-distance";
import { lazy } from "../../lib/lazy";

/** Large providers, the most used first, by what follows their names. */
const LARGE_PROVIDERS: Readonly<Record<string, string>> = {
  com: "gmail yahoo hotmail outlook icloud googlemail protonmail",
  "co.uk": "yahoo hotmail",
  "co.jp": "yahoo",
  "co.in": "yahoo",
  "co.id": "yahoo",
  "com.br": "yahoo",
  fr: "yahoo hotmail outlook",
  de: "yahoo hotmail outlook",
  es: "yahoo hotmail outlook",
  it: "yahoo hotmail outlook",
  ca: "yahoo hotmail",
};
/** Other common providers: addresses there are right as they are. */
const OTHER_PROVIDERS = `aol.com live.com msn.com proton.me mail.com email.com ymail.com rocketmail.com
  me.com mac.com pm.me gmx.com gmx.net gmx.de web.de t-online.de freenet.de posteo.de zoho.com fastmail.com
  hey.com tutanota.com tuta.com duck.com qq.com 163.com 126.com sina.com naver.com daum.net mail.ru yandex.com
  yandex.ru rediffmail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
  btinternet.com sky.com orange.fr free.fr wanadoo.fr laposte.net sfr.fr foxmail.com cloud.com libero.it
  virgilio.it uol.com.br bol.com.br terra.com.br bigpond.com live.fr live.co.uk live.nl`;

const largeNames = lazy(
  () =>
    new Map(
      Object.entries(LARGE_PROVIDERS).map(([rest, names]) => [rest, names.split(" ")] as const),
    ),
);
const commonSet = lazy(() => {
  const large = [...largeNames()].flatMap(([rest, names]) =>
    names.map((name) => `${name}.${rest}`),
  );
  return new Set([...large, ...OTHER_PROVIDERS.split(/\s+/)]);
});

/** Top-level labels that do not exist, by the label that was meant. */
const topLevelSlips = lazy(() =>
  invert({
    com: "con cmo ocm vom xom cim cpm coml comm coom ccom clm conm",
    net: "ner nte met nett",
    org: "ogr rog orgg orh",
  }),
);
/** Top-level labels that exist, but rarely follow a large provider's name. */
const TOP_LEVEL_LOOKALIKES = new Set(["co", "cm", "om"]);
/** Endings under which a large provider has no mailboxes: the name was right, the rest a slip. */
const FOREIGN_ENDINGS = new Set(["co", "cm", "om", "org", "net", "info", "biz", "edu", "com.com"]);
/** Providers under one ending alone, in all countries. */
const ONE_ENDING = new Set(["gmail", "googlemail"]);
/** Any ending that such a provider could be given by mistake: one short label, or two as in `co.uk`. */
const ANY_ENDING = /^(?:com?\.)?[a-z]{1,4}$/;

/** Length of a name up to which only slips of the fingers count: near it there are many real names. */
const SHORT_NAME_LENGTH = 5;
/** Length of a name from which two slips are allowed: `outlook`, `hotmail`. */
const LONG_NAME_LENGTH = 7;
/** Rows of a keyboard; neighbours are typed in place of each other. */
const KEYBOARD_ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/** The domain that was probably meant, or null if the domain is a common one or near none. */
export function suggestDomain(domain: string): string | null {
  if (commonSet().has(domain)) return null;
  if (isForeignEnding(domain)) return `${splitName(domain)[0]}.com`;
  const stem = domain.slice(0, domain.lastIndexOf("."));
  const topLevel = domain.slice(stem.length + 1);
  if (topLevel === "com" && commonSet().has(stem)) return stem;
  if (TOP_LEVEL_LOOKALIKES.has(topLevel)) return findLargeNear(`${stem}.com`);
  const meant = topLevelSlips().get(topLevel);
  const repaired = `${stem}.${meant ?? topLevel}`;
  const isRepaired = meant !== undefined;
  if (isRepaired && commonSet().has(repaired)) return repaired;
  return findLargeNear(repaired) ?? (isRepaired ? repaired : null);
}

/** True for the name of a large provider with an ending that is not its own: `gmail.org`, `hotmail.net`. */
function isForeignEnding(domain: string): boolean {
  const [name, rest] = splitName(domain);
  if (largeNames().get("com")?.includes(name) !== true) return false;
  return FOREIGN_ENDINGS.has(rest) || (ONE_ENDING.has(name) && ANY_ENDING.test(rest));
}

/** Compares the names of two domains only if the rest is equal: `hotmail.ch` is not a typo of `hotmail.de`. */
function findLargeNear(domain: string): string | null {
  const [name, rest] = splitName(domain);
  const near = largeNames()
    .get(rest)
    ?.find((common) => isSlip(name, common));
  return near === undefined ? null : `${near}.${rest}`;
}

/** True if a name was probably typed in place of another. */
function isSlip(written: string, name: string): boolean {
  // Saves computing most distances: a distance is never less than the difference of the lengths.
  if (Math.abs(written.length - name.length) > 1) return false;
  const distance = editDistance(written, name, 2);
  if (distance === Infinity) return false;
  if (distance === 2)
    return name.length >= LONG_NAME_LENGTH && haveAlmostTheSameLetters(written, name);
  if (sorted(written) === sorted(name)) return true;
  if (written[0] !== name[0])
    return name.length >= LONG_NAME_LENGTH && written.length < name.length;
  return name.length > SHORT_NAME_LENGTH || isSlipOfFingers(written, name);
}

/** True if letters were swapped, and at most one left out or typed twice. */
function haveAlmostTheSameLetters(written: string, name: string): boolean {
  if (written[0] !== name[0]) return false;
  const [longer, shorter] = written.length > name.length ? [written, name] : [name, written];
  if (longer.length === shorter.length) return sorted(longer) === sorted(shorter);
  return Array.from(longer).some((_, at) => sorted(without(longer, at)) === sorted(shorter));
}

/** True if one letter was left out, typed twice, or hit beside its key. The distance is one. */
function isSlipOfFingers(written: string, name: string): boolean {
  if (written.length < name.length) return true;
  const at = Array.from(written).findIndex((letter, index) => letter !== name[index]);
  const letter = written[at] ?? "";
  if (written.length === name.length) return areNeighbours(letter, name[at] ?? "");
  // The letter before and the one after are those between which it was typed.
  return [written[at - 1] ?? "", name[at] ?? ""].some(
    (beside) => letter === beside || areNeighbours(letter, beside),
  );
}

function areNeighbours(one: string, other: string): boolean {
  return KEYBOARD_ROWS.some((row) => {
    const [a, b] = [row.indexOf(one), row.indexOf(other)];
    return one !== "" && other !== "" && a !== -1 && b !== -1 && Math.abs(a - b) === 1;
  });
}

/**
 * True if the domain differs in its ending alone, by two swapped letters or by a missing one. Any other near
 * name may well be a real one.
 */
export function isPlainSlip(domain: string, meant: string): boolean {
  if (splitName(domain)[0] === splitName(meant)[0]) return true;
  if (domain.length === meant.length)
    return editDistance(domain, meant) === 1 && sorted(domain) === sorted(meant);
  return domain.length === meant.length - 1 && editDistance(domain, meant) === 1;
}

function sorted(text: string): string {
  return Array.from(text).sort().join("");
}

function without(text: string, at: number): string {
  return text.slice(0, at) + text.slice(at + 1);
}

function splitName(domain: string): [name: string, rest: string] {
  const dot = domain.indexOf(".");
  return [domain.slice(0, dot), domain.slice(dot + 1)];
}

function invert(slips: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(slips).flatMap(([meant, list]) => list.split(" ").map((slip) => [slip, meant])),
  );
}
