// Letting others go first. Long work that awaits this now and then holds up nobody else of its isolate:
// no short request, and when fifty batches run at once, not all fifty of them in a row.

/** Who waits, in order of arrival, and when each was last seen, in milliseconds since 1970 UTC. */
const waiting = new Map<number, number>();
let tickets = 0;
let passes = 0;
/** By then whoever waited is gone: its request was cancelled, its object evicted. */
const LOST_MS = 1000;
const MAX_SLEEP_MS = 20;

/**
 * Resolves after the events that are waiting have had their turn. Of all callers in an isolate one is
 * let through in each turn of the event loop, so others wait for what one does next, not for what all do.
 */
export async function yieldToOthers(): Promise<void> {
  tickets += 1;
  const ticket = tickets;
  // Each caller has a timer of its own: one request or object cannot wake another.
  for (let before = -1; before !== passes || !isFirst(ticket);) {
    before = passes;
    waiting.set(ticket, Date.now());
    await sleep(Math.min(MAX_SLEEP_MS, placeOf(ticket)));
  }
  waiting.delete(ticket);
  passes += 1;
}

function isFirst(ticket: number): boolean {
  const now = Date.now();
  for (const [first, seenAt] of waiting) {
    if (first === ticket) return true;
    if (now - seenAt < LOST_MS) return false;
    waiting.delete(first);
  }
  return true;
}

/** How many are before this one. Each of them takes a millisecond at least. */
function placeOf(ticket: number): number {
  let place = 0;
  for (const other of waiting.keys()) {
    if (other === ticket || place === MAX_SLEEP_MS) break;
    place += 1;
  }
  return place;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
