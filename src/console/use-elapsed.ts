// Measures how long something has been running.
import { useEffect, useState } from "preact/hooks";

const TICK_MS = 60;

/** Milliseconds since `isRunning` became true, kept up to date while it is. */
export function useElapsed(isRunning: boolean): number {
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    if (!isRunning) return undefined;
    const startedAt = performance.now();
    setElapsed(0);
    const timer = setInterval(() => setElapsed(performance.now() - startedAt), TICK_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return elapsed;
}
