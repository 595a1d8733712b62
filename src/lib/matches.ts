// Tests long texts by regular expressions.

const ANYTHING = /^/;

/**
 * True if a regular expression matches in a text. V8 keeps the last text that any of them matched; so that it does not keep
 * this one, which may be long, another is matched after it.
 */
export function matches(expression: RegExp, text: string): boolean {
  return expression.test(text) && ANYTHING.test("");
}
