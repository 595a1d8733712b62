// An array schema whose cost is bounded by what it allows, not by what it is sent.
import * as v from "valibot";
import { withParser } from "./with-parser";

/**
 * A schema of arrays with 1 to `max` items. Of a longer array only the first `max + 1` items are checked: each
 * fault costs microseconds, and a body has room for hundreds of thousands.
 */
export function boundedArray<const Item extends v.GenericSchema>(item: Item, max: number) {
  const schema = v.pipe(v.array(item), v.minLength(1), v.maxLength(max));
  return withParser(schema, (input, own) =>
    own(Array.isArray(input) && input.length > max ? input.slice(0, max + 1) : input),
  );
}
