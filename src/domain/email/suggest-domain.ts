// Finds the likely slip in a mail domain: `gmial.com`, `hotmail.con`. It only ever suggests, so it
// would rather miss a slip than doubt a good domain.
import { editDistance } from "../../lib/edit-distance";
import { lazy } from "../../lib/lazy";

/** Where most private mailboxes are, the most used first: of two equally near, the first wins. */
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

/** Last labels that do not exist, by what was meant. */
const topLevelSlips = lazy(() =>
  invert({
    com: "con cmo ocm vom xom cim cpm coml comm coom ccom clm conm",
    net: "ner nte met nett",
    org: "ogr rog orgg orh",
  }),
);
/** Last labels that exist, but hardly after a common provider's name. */
const TOP_LEVEL_LOOKALIKES = new Set(["co", "cm", "om"]);

/** Shorter names are one letter away from too many others: `mac.com`, `max.com`. */
const MIN_NAME_LENGTH = 5;
/** From this length on two slips are forgiven: `outlook`, `hotmail`. */
const LONG_NAME_LENGTH = 7;

/** The domain that was probably meant, or null: for a common domain, and when nothing is near. */
export function suggestDomain(domain: string): string | null {
  if (commonSet().has(domain)) return null;
  const stem = domain.slice(0, domain.lastIndexOf("."));
  const topLevel = domain.slice(stem.length + 1);
  if (TOP_LEVEL_LOOKALIKES.has(topLevel)) return findCommonNear(`${stem}.com`);
  const meant = topLevelSlips().get(topLevel);
  const repaired = `${stem}.${meant ?? topLevel}`;
  return findCommonNear(repaired) ?? (meant === undefined ? null : repaired);
}

/** Compares names only where the rest is equal: `hotmail.ch` is not `hotmail.de` misspelt. */
function findCommonNear(domain: string): string | null {
  if (commonSet().has(domain)) return domain;
  const [name, rest] = splitName(domain);
  const nearest = (commonNames().get(rest) ?? [])
    // A distance takes microseconds, and is no less than what the lengths differ by.
    .filter((common) => Math.abs(common.length - name.length) <= allowedSlips(name, common))
    .map((common) => ({ common, distance: editDistance(name, common) }))
    .filter(({ common, distance }) => distance <= allowedSlips(name, common))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest === undefined ? null : `${nearest.common}.${rest}`;
}

function allowedSlips(written: string, name: string): number {
  if (name.length < MIN_NAME_LENGTH) return 0;
  // Who slips twice has yet begun right: `foxmail` is not `hotmail` misspelt.
  return name.length < LONG_NAME_LENGTH || written[0] !== name[0] ? 1 : 2;
}

/**
 * Whether a domain is what fingers make of another: two letters swapped, or one left out. Any other
 * near name, such as `tmail.com`, can as well be a name of its own.
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
