// Weights in the fields by which a request chooses among replies (RFC 9110 §12.4.2).

/** The members of a field such as Accept, in lower case, with their weights: 1 by default, 0 for one that is unreadable. */
export function weightsIn(field: string): (readonly [name: string, weight: number])[] {
  return field
    .toLowerCase()
    .split(",")
    .map((member) => {
      const [name = "", ...parameters] = member.split(";").map((part) => part.trim());
      const q = parameters.find((part) => part.startsWith("q="))?.slice("q=".length);
      return [name, q === undefined ? 1 : Number(q) || 0];
    });
}
