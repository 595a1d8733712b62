// JMESPath for untrusted expressions over untrusted data, used by `select` of /external-api and by the
// operations `select`, `filter`, `sort` and others. The grammar is the library's, the bounds are ours. Import
// it by `import()` where an expression first occurs, so that other requests do not pay for its evaluation;
// `budget.ts` needs no library and may be imported directly.
import { isLonger } from "../../lib/is-longer";
import { compile } from "@jmespath-community/jmespath";
import { Budget, MAX_QUERY_CHARS, MAX_QUERY_STEPS, QueryError } from "./budget";
import { checkGrammar } from "./grammar";
import { MeteredInterpreter, type Node } from "./interpreter";
import { isFalse, ResultCopier } from "./values";

export { isFalse } from "./values";

/** Levels of an expression's syntax tree, so that neither parsing nor running it overflows the stack. */
const MAX_QUERY_DEPTH = 400;
/** Characters that are quoted of the library's error messages. */
const MAX_MESSAGE_CHARS = 160;

/** A compiled expression. */
export interface Query {
  readonly expression: string;
  /**
   * Evaluates the expression on a JSON value. The result is plain JSON, which may share parts with the
   * value and with the expression: nobody may change it.
   *
   * @param shared a budget for several evaluations, of which this one takes at most MAX_QUERY_STEPS
   * @throws QueryError `query-failed` for a wrong type or value, `query-too-large` over budget
   */
  evaluate(value: unknown, shared?: Budget): unknown;
  /** Evaluates the expression; false if the result is JMESPath-false: `null`, `false`, `""`, `[]` or `{}`. */
  test(value: unknown, shared?: Budget): boolean;
}

function describe(error: unknown): string {
  if (error instanceof RangeError) return "too deep or too large";
  return error instanceof Error ? error.message.slice(0, MAX_MESSAGE_CHARS) : "unknown error";
}

function parse(expression: string): Node {
  if (isLonger(expression, MAX_QUERY_CHARS)) {
    throw new QueryError("invalid-query", `The expression is over ${MAX_QUERY_CHARS} characters`);
  }
  const checked = checkGrammar(expression);
  try {
    return compile(checked);
  } catch (error) {
    throw new QueryError("invalid-query", `Cannot parse the expression: ${describe(error)}`);
  }
}

function checkCall(name: string, functionNames: readonly string[]): void {
  if (functionNames.includes(name)) return;
  throw new QueryError("invalid-query", `Unknown function: ${name.slice(0, MAX_MESSAGE_CHARS)}()`);
}

function checkTree(node: unknown, functionNames: readonly string[], depth = 0): void {
  if (depth > MAX_QUERY_DEPTH) {
    throw new QueryError("invalid-query", "The expression is nested too deeply");
  }
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && node.type === "Literal") return;
  if ("type" in node && node.type === "Function" && "name" in node) {
    checkCall(String(node.name), functionNames);
  }
  for (const child of Object.values(node)) checkTree(child, functionNames, depth + 1);
}

/**
 * Compiles an expression.
 *
 * @throws QueryError `invalid-query` if it cannot be parsed or is too large
 */
export function compileQuery(expression: string): Query {
  const node = parse(expression);
  const interpreter = new MeteredInterpreter();
  checkTree(node, interpreter.functionNames);

  const evaluate = (value: unknown, shared?: Budget): unknown => {
    const steps = Math.min(MAX_QUERY_STEPS, shared?.left ?? MAX_QUERY_STEPS);
    const budget = new Budget(steps);
    try {
      const result = interpreter.run(node, value, budget);
      return new ResultCopier(budget, (part) => interpreter.isReference(part)).copy(result);
    } catch (error) {
      if (error instanceof QueryError) throw error;
      throw new QueryError("query-failed", `The query failed: ${describe(error)}`);
    } finally {
      shared?.spend(steps - budget.left);
    }
  };
  return { expression, evaluate, test: (value, shared) => !isFalse(evaluate(value, shared)) };
}
