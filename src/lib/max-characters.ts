// The upper bound of a text in the unit that the documents tell.
import * as v from "valibot";
import { isLonger } from "./is-longer";

/**
 * `v.maxLength` for texts, but in code points as JSON Schema counts (2020-12 §6.3.1): valibot counts UTF-16
 * code units, so that a text of emoji within the published bound would be refused.
 */
export function maxCharacters(
  max: number,
  message = `At most ${max} characters`,
): v.MaxLengthAction<string, number, string | undefined> {
  const action = v.maxLength<string, number, string | undefined>(max, message);
  return {
    ...action,
    "~run"(dataset, config) {
      const isWithin = dataset.typed && !isLonger(dataset.value, max);
      return isWithin ? dataset : action["~run"](dataset, config);
    },
  };
}
