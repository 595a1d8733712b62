// Builds objects member by member: pairs of names and values would be most of the garbage of a large one.

/** Sets a member of an object. Any name is data, `__proto__` too. */
export function setMember(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") object[name] = value;
  else
    Object.defineProperty(object, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
}
