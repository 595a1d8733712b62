// Reads and edits a script by its syntax tree.
import { parseSync } from "rolldown/utils";

/** The syntax tree of a script. */
export function parse(text) {
  const { program, errors } = parseSync("worker.js", text);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return program;
}

/** Visits a node and all below it. */
export function walk(node, visit) {
  if (typeof node?.type === "string") visit(node);
  for (const child of Object.values(node))
    if (typeof child === "object" && child !== null) walk(child, visit);
}

/** Replaces places of a text, none of which overlaps another. */
export function apply(text, edits) {
  let [made, from] = ["", 0];
  for (const { start, end, by } of edits.toSorted((one, other) => one.start - other.start)) {
    if (start < from) throw new Error(`Overlapping edits at ${start}: ${text.slice(start, end)}`);
    made += text.slice(from, start) + by;
    from = end;
  }
  return made + text.slice(from);
}

/** The place of a node in its text. */
export function placeOf({ start, end }) {
  return { start, end };
}

/** The name of a member, where it is not computed. */
export function nameOf(property) {
  return property?.key?.name;
}

/** The name of the function that a node calls; empty for any other node. */
export function calleeOf(node) {
  return node?.type === "CallExpression" ? (node.callee.name ?? "") : "";
}

/** The expressions of a statement, in order; the statement itself if it is none of expressions. */
export function expressionsOf(statement) {
  const { expression } = statement;
  if (statement.type !== "ExpressionStatement") return [statement];
  return expression.type === "SequenceExpression" ? expression.expressions : [expression];
}
