// Domains of throw-away mailboxes. The list is CC0, curated by hand, and leaves out forwarding
// services (Apple's and Firefox's relays), whose users are real.

// The set and not its promise: a promise awaited across requests would tie one request to another.
let blocklist: ReadonlySet<string> | undefined;

/**
 * Whether the A-label `domain` or a domain above it is listed. The list (some 9,000 names) is
 * evaluated on the first call, so that starting the Worker does not pay for it.
 */
export async function isDisposable(domain: string): Promise<boolean> {
  if (blocklist === undefined) {
    const { disposableEmailBlocklistSet } = await import("disposable-email-domains-js");
    blocklist = disposableEmailBlocklistSet();
  }
  const labels = domain.split(".");
  return labels.some((_, index) => blocklist?.has(labels.slice(index).join(".")));
}
