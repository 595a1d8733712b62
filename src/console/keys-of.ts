// Keys of records that have exactly the properties of their type.

/** The keys of a closed record, such as a constant's. */
export function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  // `Object.keys` allows for further keys, which a closed record lacks.
  return Object.keys(record) as Key[];
}
