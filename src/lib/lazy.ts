// What takes long to make, made when it is first needed: the start of an isolate is what people wait for.

/** A value that is made at the first call and kept. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * A regular expression with classes of Unicode (`\p{…}`): building their tables takes up to a millisecond,
 * and a literal is built when the script is parsed, wherever it stands.
 *
 * @param source as between the slashes of a literal; write it with `String.raw`
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  return lazy(() => new RegExp(source, flags));
}
