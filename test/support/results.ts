// What a result of a batch holds, whichever way it has ended.
import type { ItemResult } from "../../src/client";

type Loose = Pick<ItemResult, "status">;

/** The output of a result that succeeded; else undefined. */
export function outputOf(result: Loose): unknown {
  return "output" in result ? result.output : undefined;
}

/** The code of the error of a result, if it has one. */
export function codeOf(result: Loose): unknown {
  return "error" in result ? Object(result.error).code : undefined;
}
