// EMAIL_DOMAINS: the owner's own word on the domains of addresses, which overrules all lists.
import * as v from "valibot";
import { lazySchema } from "../../lib/lazy-schema";
import { parseMailDomain } from "./mail-domain";

const MAX_DOMAINS = 10_000;

/** EMAIL_DOMAINS as the owner writes it. */
export const EmailDomainsSettings = lazySchema(() => {
  const domains = v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_DOMAINS)), []);
  return v.strictObject({ allow: domains, block: domains });
});

/** The owner's word on a domain in A-label form; undefined for one that is not listed. */
export type EmailDomains = (domain: string) => "allow" | "block" | undefined;

/**
 * Creates the owner's word on domains. An entry counts for the domains below it too; of several the most
 * specific one decides.
 *
 * @throws TypeError for an entry that is no domain, or is both allowed and blocked
 */
export function createEmailDomains(
  settings: Partial<v.InferOutput<typeof EmailDomainsSettings>>,
): EmailDomains {
  const { allow = [], block = [] } = settings;
  const words = new Map<string, "allow" | "block">(allow.map((text) => [domainOf(text), "allow"]));
  for (const domain of block.map(domainOf)) {
    if (words.get(domain) === "allow") throw new TypeError(`"${domain}" is allowed and blocked`);
    words.set(domain, "block");
  }
  if (words.size === 0) return () => undefined;
  return (domain) => {
    const labels = domain.split(".");
    const found = labels.map((_, index) => words.get(labels.slice(index).join(".")));
    return found.find((word) => word !== undefined);
  };
}

function domainOf(text: string): string {
  const parsed = parseMailDomain(text.trim());
  if ("faults" in parsed) throw new TypeError(`"${text}" is no domain`);
  return parsed.domain;
}
