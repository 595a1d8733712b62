// Waiting for what must happen, however slow the machine is.
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 100;
/** Nothing that goes on at all stands still for so long: not the longest wait before a retry, nor a busy machine. */
const STANDSTILL_MS = 120_000;

/**
 * Reads until `isOver` holds of what was read, and returns that.
 *
 * @throws Error with the last that was read, once that has not changed for two minutes
 */
export async function until<T>(
  read: () => T | Promise<T>,
  isOver: (value: T) => boolean,
): Promise<T> {
  let [last, changedAt] = ["", performance.now()];
  for (;;) {
    const value = await read();
    if (isOver(value)) return value;
    const text = JSON.stringify(value);
    if (text !== last) [last, changedAt] = [text, performance.now()];
    if (performance.now() - changedAt > STANDSTILL_MS)
      throw new Error(`Nothing happens any more: ${text}`);
    await delay(POLL_MS);
  }
}
