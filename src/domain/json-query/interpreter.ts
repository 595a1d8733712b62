// The library's tree interpreter with a meter: each visited node costs a step, and each construct that
// handles several values in one visit pays for them before it starts. Constructs that cannot be priced
// (prototype lookups, scopes without a budget) are replaced.
import { type compile, TreeInterpreter } from "@jmespath-community/jmespath";
import { Budget, QueryError } from "./budget";
import { boundedFunctions, callCost, TYPE_REFERENCE } from "./functions";
import { isObject } from "../../lib/is-object";
import { setMember } from "../../lib/set-member";
import { compareCodePoints, deepEqual, isFalse } from "./values";

/** A node of the library's syntax tree. */
export type Node = ReturnType<typeof compile>;

type NodeOf<T extends Node["type"], N = Node> = N extends { readonly type: infer U }
  ? T extends U
    ? N
    : never
  : never;
type Value = Parameters<typeof TreeInterpreter.visit>[1];
type Handlers = {
  readonly [T in Node["type"]]?: (node: NodeOf<T>, value: Value) => Value;
};

// The package exports an instance but not its class, so the class is taken from the instance.
const Interpreter = TreeInterpreter.constructor as new () => typeof TreeInterpreter;

/** Runs syntax trees one after the other, each within its own budget. Not reentrant. */
export class MeteredInterpreter extends Interpreter {
  #budget = new Budget(0);
  // Data may look like `{"expref": true, "type": …}`, which the library takes for an expression:
  // only expressions that this interpreter made itself are ever run.
  readonly #references = new WeakSet<object>();

  /**
   * Handlers for node types that the library runs without a price, or otherwise than jmespath.org says; all other
   * types are left to it.
   */
  readonly #handlers: Handlers = {
    AndExpression: (node, value) => this.#and(node, value),
    Comparator: (node, value) => this.#compare(node, value),
    ExpressionReference: (node) => this.#refer(node.child),
    Field: (node, value) => this.#field(node.name, value),
    FilterProjection: (node, value) => this.#filter(node, value),
    Flatten: (node, value) => this.#flatten(this.visit(node.child, value)),
    Function: (node, value) => this.#call(node, value),
    // Of null nothing is selected, neither an object nor a list of nulls.
    MultiSelectHash: (node, value) => (value === null ? null : this.#selectHash(node, value)),
    MultiSelectList: (node, value) => (value === null ? null : this.#selectList(node, value)),
    NotExpression: (node, value) => this.#isFalse(this.visit(node.child, value)),
    OrExpression: (node, value) => this.#or(node, value),
    Slice: (node, value) => this.#slice(node, value),
    // A function is called with null too: `missing.not_null(@, 'none')`.
    Subexpression: (node, value) => this.visit(node.right, this.visit(node.left, value)),
  };

  constructor() {
    super();
    const functions = boundedFunctions({
      visit: (node, value) => this.visit(node, value),
      spend: (steps) => this.#budget.spend(steps),
      isEqual: (left, right) => deepEqual(left, right, this.#budget),
    });
    for (const [name, run] of Object.entries(functions)) {
      this.runtime.registerFunction(name, run, this.#signatureOf(name), { override: true });
    }
  }

  /** The names of all functions that a query may call. */
  get functionNames(): readonly string[] {
    return this.runtime.getRegistered();
  }

  /** True for an expression reference (`&name`), which is not a JSON value. */
  isReference(value: object): boolean {
    return this.#references.has(value);
  }

  /** Returns the raw result, which may share parts with `value` and may not be JSON. */
  run(node: Node, value: unknown, budget: Budget): unknown {
    this.#budget = budget;
    // The value was parsed from JSON, or made of JSON by an operation.
    return this.search(node, value as Parameters<typeof TreeInterpreter.search>[1]);
  }

  override visit(node: Node, value: Value): Value {
    this.#budget.spend(1);
    // The table pairs each node type with a handler for that type, which the type of an index cannot express.
    const handle = this.#handlers[node.type] as ((node: Node, value: Value) => Value) | undefined;
    return handle === undefined ? super.visit(node, value) : handle(node, value);
  }

  #field(name: string, value: Value): Value {
    // Own properties only: `constructor` and its like are not data.
    return isObject(value) && Object.hasOwn(value, name) ? (value[name] as Value) : null;
  }

  #slice(node: NodeOf<"Slice">, value: Value): Value {
    if (Array.isArray(value) || typeof value === "string") this.#budget.spend(value.length);
    return super.visit(node, value);
  }

  #selectHash(node: NodeOf<"MultiSelectHash">, value: Value): Value {
    const made: Record<string, Value> = {};
    for (const pair of node.children) setMember(made, pair.name, this.visit(pair.value, value));
    return made as Value;
  }

  /** Of its length from the start: a list that grows takes room for sixteen more. */
  #selectList(node: NodeOf<"MultiSelectList">, value: Value): Value {
    return node.children.map((child) => this.visit(child, value)) as Value;
  }

  #or(node: NodeOf<"OrExpression">, value: Value): Value {
    const left = this.visit(node.left, value);
    return this.#isFalse(left) ? this.visit(node.right, value) : left;
  }

  #and(node: NodeOf<"AndExpression">, value: Value): Value {
    const left = this.visit(node.left, value);
    return this.#isFalse(left) ? left : this.visit(node.right, value);
  }

  #isFalse(value: Value): boolean {
    if (isObject(value)) this.#budget.spend(Object.keys(value).length);
    return isFalse(value);
  }

  #flatten(list: Value): Value {
    if (!Array.isArray(list)) return null;
    for (const inner of list) this.#budget.spend(Array.isArray(inner) ? inner.length : 1);
    return list.flat() as Value;
  }

  #compare(node: NodeOf<"Comparator">, value: Value): Value {
    const left = this.visit(node.left, value);
    const right = this.visit(node.right, value);
    const { name } = node;
    if (name === "EQ" || name === "NE")
      return deepEqual(left, right, this.#budget) === (name === "EQ");
    return this.#order(name, left, right);
  }

  /** Compares numbers, or texts by code point; anything else has no order: null. */
  #order(name: "GT" | "GTE" | "LT" | "LTE", left: Value, right: Value): Value {
    let order: number;
    if (typeof left === "number" && typeof right === "number") order = left - right;
    else if (typeof left === "string" && typeof right === "string") {
      this.#budget.spendText(Math.min(left.length, right.length));
      order = compareCodePoints(left, right);
    } else return null;
    if (name === "GT") return order > 0;
    if (name === "GTE") return order >= 0;
    return name === "LT" ? order < 0 : order <= 0;
  }

  #filter(node: NodeOf<"FilterProjection">, value: Value): Value {
    const base = this.visit(node.left, value);
    if (!Array.isArray(base)) return null;
    const kept: Value[] = [];
    for (const element of base) {
      if (this.#isFalse(this.visit(node.condition, element))) continue;
      const projected = this.visit(node.right, element);
      if (projected !== null) kept.push(projected);
    }
    return kept as Value;
  }

  #refer(child: Node): Value {
    const reference = { expref: true, ...child } as const;
    this.#references.add(reference);
    return reference;
  }

  #signatureOf(name: string) {
    const { _functionTable: table } = this.runtime;
    const { _signature: signature } = table[name] ?? { _signature: [] };
    return signature;
  }

  #call(node: NodeOf<"Function">, value: Value): Value {
    const args = node.children.map((child) => this.visit(child, value));
    for (const [index, { types }] of this.#signatureOf(node.name).entries()) {
      const arg = args[index];
      const wanted = types.includes(TYPE_REFERENCE);
      if (wanted && !(isObject(arg) && this.#references.has(arg))) {
        throw new QueryError(
          "query-failed",
          `${node.name}() needs an expression (&…) as argument ${index + 1}`,
        );
      }
    }
    callCost(node.name, args, this.#budget);
    const result = this.runtime.callFunction(node.name, args);
    if (typeof result === "string") this.#budget.spendText(result.length);
    else if (Array.isArray(result)) this.#budget.spend(result.length);
    return result;
  }
}
