// A form that is sent twice, as by a double click: a browser shows the reply to the last click alone, so that
// one waits for the first and gets the same reply.
import { DomainError } from "../domain/errors";
import { HttpError } from "./problem";

/** Waits before each further try, in milliseconds; together about as long as a slow request takes. */
const WAITS_MS = [250, 500, 1000, 1500, 2000, 2000, 2500];

/**
 * Runs the request of a form until the one that it repeats is done.
 *
 * @param run throws `idempotency-in-progress` while the same request is running
 */
export async function runAfterFirst<T>(run: () => Promise<T>): Promise<T> {
  for (const [tries, waitMs] of WAITS_MS.entries()) {
    try {
      return await run();
    } catch (thrown) {
      if (!isBehind(thrown, tries)) throw thrown;
    }
    await scheduler.wait(waitMs);
  }
  return run();
}

/** A challenge that fails may have been passed by the first click, which is known as running by then. */
function isBehind(thrown: unknown, tries: number): boolean {
  if (thrown instanceof DomainError) return thrown.code === "idempotency-in-progress";
  return tries === 0 && thrown instanceof HttpError && thrown.code === "challenge-failed";
}
