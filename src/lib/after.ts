// Continues at once where nothing has to be awaited: each async function between a short request and its reply
// takes a percent of its CPU.

/** Calls `next` with a value, now if it is there, else once it is. What either throws is thrown or rejected alike. */
export function after<Value, Result>(
  value: Value | Promise<Value>,
  next: (value: Value) => Result | Promise<Result>,
): Result | Promise<Result> {
  // oxlint-disable-next-line promise/no-callback-in-promise -- `next` is no Node callback
  return value instanceof Promise ? value.then(next) : next(value);
}
