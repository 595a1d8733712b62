// What operations cost. The price of a step follows from the number and size of its items, so that a request
// which costs too much is refused before it starts.

/** Price of an operation, in units of work of about 10 ns at worst. */
export interface Price {
  readonly per_item: number;
  /** For each UTF-16 code unit of a text, or of the JSON (about) of any other item, as `size.ts` counts them. */
  readonly per_character: number;
  /** Cost that shows only as it runs, since it depends on more than the size of items. */
  readonly metered?: string;
}

/** Price of an operation that reads its items, and does little else. */
export const CHEAP: Price = { per_item: 25, per_character: 1 };

/** The work of a step over so many items, which have so many characters together. */
export function workOf({ per_item, per_character }: Price, items: number, chars: number): number {
  return per_item * items + per_character * chars;
}
