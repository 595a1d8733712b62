// Yields promises in the order in which they settle. Repeated `Promise.race` would take quadratic time.

/** Yields the value of each promise as soon as it is fulfilled. A rejection ends the iteration. */
export async function* inOrderOfArrival<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  const slots: { resolve: (value: T) => void; reject: (reason: unknown) => void }[] = [];
  const arrivals = promises.map(
    () => new Promise<T>((resolve, reject) => slots.push({ resolve, reject })),
  );
  // If the consumer stops early, later rejections would otherwise be reported as unhandled.
  for (const arrival of arrivals) arrival.catch(() => undefined);
  let next = 0;
  for (const promise of promises) {
    promise.then(
      (value) => slots[next++]?.resolve(value),
      (reason: unknown) => slots[next++]?.reject(reason),
    );
  }
  for (const arrival of arrivals) yield await arrival;
}
