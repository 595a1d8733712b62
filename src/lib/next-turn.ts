// Letting others go first: long work that awaits this now and then does not hold up an isolate.

/** Resolves after the events that are waiting have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
