import { vi } from "vitest";

/** Milliseconds after which what has not happened never will, however busy the machine is. */
const NEVER_MS = 50_000;

/** Runs the check again until it does not throw, and returns its result. Throws its last error once a hang is certain. */
export function waitFor<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: NEVER_MS });
}
