// Tests long texts by regular expressions.

const ANYTHING = /^/;

/** Lets go of the last text that any regular expression matched, which V8 keeps until another is matched. */
export function forgetMatched(): boolean {
  return ANYTHING.test("");
}

/** True if a regular expression matches in a text, which may be long: it is not kept. */
export function matches(expression: RegExp, text: string): boolean {
  return expression.test(text) && forgetMatched();
}
