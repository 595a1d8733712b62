// Values that are created at first use, so that an isolate starts faster.

/** Returns a function that creates a value at its first call and then keeps it. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * A regular expression with Unicode classes (`\p{…}`), created at first use: building their tables takes up
 * to a millisecond, and a literal is built when the script is parsed, wherever it is.
 *
 * @param source the text between the slashes of a literal; write it with `String.raw`
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  return lazy(() => new RegExp(source, flags));
}
