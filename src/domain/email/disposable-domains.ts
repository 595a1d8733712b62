// Domains of disposable mailboxes. The list is CC0 and curated by hand; it leaves out forwarding services
// (Apple's and Firefox's relays), whose users are real.

/**
 * Creates a test for a domain in A-label form: true if it, or a domain above it, is in the list.
 *
 * @param list some 9,000 A-labels, one a line
 */
export function createDisposableTest(list: string): (domain: string) => boolean {
  const blocklist = new Set(list.split("\n"));
  return (domain) => {
    const labels = domain.split(".");
    return labels.some((_, index) => blocklist.has(labels.slice(index).join(".")));
  };
}
