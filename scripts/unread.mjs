// Takes out of a bundle what is told of routes for the documentation alone, and the values that nothing reads then:
// mostly schemas of replies.
import * as valibot from "valibot";
import { apply, calleeOf, expressionsOf, nameOf, parse, placeOf, walk } from "./syntax.mjs";

/** Members of a route that the documentation alone reads, besides all of its `reply` but the status. */
const DOCUMENTING = new Set(["problems", "otherReplies", "problemMembers", "requestHeaders"]);
/** Expressions that have no effect where their parts have none. */
const PLAIN = new Set([
  "ArrayExpression",
  "MemberExpression",
  "ObjectExpression",
  "Property",
  "SpreadElement",
  "TemplateElement",
  "TemplateLiteral",
]);
/** Expressions without an effect, whatever their parts are. */
const IDLE = new Set(["ArrowFunctionExpression", "FunctionExpression", "Identifier", "Literal"]);
/** Functions that make schemas and do nothing else. */
const MAKERS = new Set(Object.keys(valibot));

/** The text of a bundle without its routes' documentation and without unread values. */
export function takeOutUnread(bundle) {
  const text = withoutDocumentation(bundle);
  return apply(text, unreadIn(parse(text)));
}

function withoutDocumentation(text) {
  const edits = [];
  walk(parse(text), ({ type, properties = [] }) => {
    const names = properties.map(nameOf);
    if (type !== "ObjectExpression" || !names.includes("operationId")) return;
    for (const [at, property] of properties.entries()) {
      const { start } = property;
      if (DOCUMENTING.has(names[at])) edits.push({ start, end: properties[at + 1].start, by: "" });
      if (names[at] === "reply") edits.push(...repliesIn(property.value, text));
    }
  });
  return apply(text, edits);
}

/** Takes all out of a route's reply but the status. */
function repliesIn(reply, text) {
  if (reply.type === "CallExpression")
    return reply.arguments.map((argument) => ({ ...placeOf(argument), by: "" }));
  if (reply.type !== "ObjectExpression") return [];
  const { start, end } = reply.properties.find((property) => nameOf(property) === "status");
  return [{ ...placeOf(reply), by: `{${text.slice(start, end)}}` }];
}

/** Takes out the values of variables that are assigned once and named nowhere else, but in values that are taken out. */
function unreadIn(program) {
  const declared = new Set(
    program.body.flatMap(({ declarations = [] }) => declarations.map(({ id }) => id.name)),
  );
  const named = countNames(program);
  const values = [];
  walk(program, (node) => {
    if (node.type !== "ExpressionStatement") return;
    for (const expression of expressionsOf(node)) {
      const { type, left, right } = expression;
      if (type !== "AssignmentExpression" || !declared.has(left.name) || !isIdle(right)) continue;
      values.push({ name: left.name, right, place: placeOf(expression) });
    }
  });
  const edits = [];
  // Twice: where it is declared, and where it is assigned.
  const isUnread = ({ name }) => named.get(name) === 2;
  for (let at = values.findIndex(isUnread); at !== -1; at = values.findIndex(isUnread)) {
    const [{ right, place }] = values.splice(at, 1);
    edits.push({ ...place, by: "0" });
    for (const [name, count] of countNames(right)) named.set(name, named.get(name) - count);
  }
  return edits;
}

/** The number of times that each name stands in a node. */
function countNames(node) {
  const counts = new Map();
  walk(node, ({ type, name }) => {
    if (type === "Identifier") counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  return counts;
}

/** True for an expression without an effect. */
function isIdle(node) {
  if (IDLE.has(node.type)) return true;
  // A name that is in two modules ends in a number.
  if (MAKERS.has(calleeOf(node).replace(/\d+$/, ""))) return node.arguments.every(isIdle);
  const parts = Object.values(node)
    .flat()
    .filter((part) => typeof part?.type === "string");
  return PLAIN.has(node.type) && parts.every(isIdle);
}
