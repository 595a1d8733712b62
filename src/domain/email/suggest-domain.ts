// Finds the domain meant by a likely typo: `gmial.com`, `hotmail.con`. Cautious: it would rather miss a typo
// than doubt a good domain, since the result is only a suggestion.
import { editDistance } from "../../lib/edit-distance";
import { lazy } from "../../lib/lazy";

/** Common mail providers, the most used first: of two equally near ones the first is suggested. */
const commonDomains = lazy<readonly string[]>(() =>
  `gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com live.com msn.com proton.me
  protonmail.com mail.com email.com ymail.com rocketmail.com googlemail.com me.com mac.com pm.me
  gmx.com gmx.net gmx.de web.de t-online.de freenet.de posteo.de zoho.com fastmail.com hey.com
  tutanota.com tuta.com duck.com qq.com 163.com 126.com sina.com naver.com daum.net mail.ru
  yandex.com yandex.ru rediffmail.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net
  cox.net charter.net btinternet.com sky.com orange.fr free.fr wanadoo.fr laposte.net sfr.fr
  foxmail.com cloud.com libero.it virgilio.it uol.com.br bol.com.br terra.com.br bigpond.com yahoo.co.uk yahoo.co.jp
  yahoo.co.in yahoo.co.id yahoo.com.br yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.ca hotmail.co.uk
  hotmail.fr hotmail.de hotmail.es hotmail.it outlook.fr outlook.de outlook.es outlook.it live.fr
  live.co.uk live.nl`.split(/\s+/),
);
const commonSet = lazy(() => new Set(commonDomains()));
/** First labels of the common domains, by what follows them. */
const commonNames = lazy(() => {
  const byRest = Map.groupBy(commonDomains().map(splitName), ([, rest]) => rest);
  return new Map([...byRest].map(([rest, pairs]) => [rest, pairs.map(([name]) => name)]));
});

/** Top-level labels that do not exist, by the label that was meant. */
const topLevelSlips = lazy(() =>
  invert({
    com: "con cmo ocm vom xom cim cpm coml comm coom ccom clm conm",
    net: "ner nte met nett",
    org: "ogr rog orgg orh",
  }),
);
/** Top-level labels that exist, but rarely follow a common provider's name. */
const TOP_LEVEL_LOOKALIKES = new Set(["co", "cm", "om"]);

/**
 * Characters a name must have to be compared: shorter ones are one letter away from many others (`mac.com`,
 * `max.com`).
 */
const MIN_NAME_LENGTH = 5;
/** Length of a name from which two edits are allowed: `outlook`, `hotmail`. */
const LONG_NAME_LENGTH = 7;

/** The domain that was probably meant, or null if the domain is a common one or near none. */
export function suggestDomain(domain: string): string | null {
  if (commonSet().has(domain)) return null;
  const stem = domain.slice(0, domain.lastIndexOf("."));
  const topLevel = domain.slice(stem.length + 1);
  if (TOP_LEVEL_LOOKALIKES.has(topLevel)) return findCommonNear(`${stem}.com`);
  const meant = topLevelSlips().get(topLevel);
  const repaired = `${stem}.${meant ?? topLevel}`;
  return findCommonNear(repaired) ?? (meant === undefined ? null : repaired);
}

/** Compares the names of two domains only if the rest is equal: `hotmail.ch` is not a typo of `hotmail.de`. */
function findCommonNear(domain: string): string | null {
  if (commonSet().has(domain)) return domain;
  const [name, rest] = splitName(domain);
  const nearest = (commonNames().get(rest) ?? [])
    // Saves computing most distances: a distance is never less than the difference of the lengths.
    .filter((common) => Math.abs(common.length - name.length) <= allowedSlips(name, common))
    .map((common) => ({
      common,
      distance: editDistance(name, common, allowedSlips(name, common)),
    }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest === undefined || nearest.distance === Infinity
    ? null
    : `${nearest.common}.${rest}`;
}

function allowedSlips(written: string, name: string): number {
  if (name.length < MIN_NAME_LENGTH) return 0;
  // Two edits are allowed only if the first letter is right: `foxmail` is not a typo of `hotmail`.
  return name.length < LONG_NAME_LENGTH || written[0] !== name[0] ? 1 : 2;
}

/**
 * True if the domain differs by two swapped letters or a missing one. Any other near name, such as
 * `tmail.com`, may well be a real one.
 */
export function isPlainSlip(domain: string, meant: string): boolean {
  if (domain.length === meant.length)
    return editDistance(domain, meant) === 1 && sorted(domain) === sorted(meant);
  return domain.length === meant.length - 1 && editDistance(domain, meant) === 1;
}

function sorted(text: string): string {
  return Array.from(text).sort().join("");
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
