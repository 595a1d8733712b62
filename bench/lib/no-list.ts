// Stands in for the list of throw-away mailboxes where the rest of the bundle is weighed.

/** No domain at all. */
export function disposableEmailBlocklistSet(): ReadonlySet<string> {
  return new Set();
}
