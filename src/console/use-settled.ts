// A value that changes with each key, for work that is too much to be done with each.
import { useEffect, useState } from "preact/hooks";

/** Milliseconds without a change after which somebody has finished typing. */
const PAUSE_MS = 300;

/** The value as it was when it had last stayed the same for a moment. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
