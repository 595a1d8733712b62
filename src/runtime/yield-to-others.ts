// Cooperative scheduling: long work awaits this between steps, so that it blocks neither short requests nor
// other long work in the same isolate.

/**
 * Tickets of waiting callers in order of arrival, with the instant when each last checked, by
 * `performance.now()`.
 */
const waiting = new Map<number, number>();
let tickets = 0;
let passes = 0;
/**
 * Milliseconds without a check after which a caller counts as gone: its request was cancelled, or its object
 * evicted.
 */
const LOST_MS = 1000;
const MAX_SLEEP_MS = 20;

/**
 * Resolves after events that are pending in the event loop were handled. Of all callers in an isolate, one
 * passes per turn of the event loop, so that other events wait for one step, not for a step of every caller.
 */
export async function yieldToOthers(): Promise<void> {
  tickets += 1;
  const ticket = tickets;
  // Each caller polls with its own timer, since one request cannot resolve a promise of another.
  for (let before = -1; before !== passes || !isFirst(ticket);) {
    before = passes;
    waiting.set(ticket, performance.now());
    await sleep(Math.min(MAX_SLEEP_MS, placeOf(ticket)));
  }
  waiting.delete(ticket);
  passes += 1;
}

function isFirst(ticket: number): boolean {
  const now = performance.now();
  for (const [first, seenAt] of waiting) {
    if (first === ticket) return true;
    if (now - seenAt < LOST_MS) return false;
    waiting.delete(first);
  }
  return true;
}

/** The number of callers ahead of this one. Each takes at least a millisecond. */
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
