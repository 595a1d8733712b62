// Makes esbuild's bundle smaller than esbuild can: takes out what only the documentation reads, and the spaces of SQL, joins
// modules that are always evaluated together, and brings together what is alike. What a script weighs is what each of its
// starts parses.
import { apply, calleeOf, expressionsOf, nameOf, parse, placeOf, walk } from "./syntax.mjs";
import { takeOutUnread } from "./unread.mjs";

/** Actions of schemas that the documentation alone reads. */
const DOCUMENTING = new Set(["description", "metadata"]);
/** Parts of an operation's example that the documentation alone reads: its parameters are told to callers. */
const DOCUMENTED = new Set(["input", "output"]);

/** A member of valibot's objects that nothing reads: that they await nothing. */
const UNREAD = ["async"];
/** Kinds of them whose type is not read either. */
const ACTIONS = new Set(["validation", "transformation"]);

/** The text of a smaller bundle, from that of a bundle in which names are whole. */
export function slim(bundle) {
  return functionsFirst(joinModules(takeOutSpaces(takeOutDocumentation(takeOutUnread(bundle)))));
}

/**
 * The text of a script whose functions are declared before all else, which a compressor finds more alike. They exist from
 * the start, wherever they are declared.
 */
function functionsFirst(script) {
  const places = ["ImportDeclaration", "FunctionDeclaration"];
  const placeIn = ({ type }) => (places.includes(type) ? places.indexOf(type) : places.length);
  const statements = parse(script).body.toSorted((one, other) => placeIn(one) - placeIn(other));
  return statements.map(({ start, end }) => script.slice(start, end)).join("\n");
}

/**
 * The text of a script whose texts without parts are string literals, in ASCII: a minifier writes templates, which the engine
 * keeps twice while it scans them. A single character beyond ASCII would double what it keeps of the script.
 */
export function plainTexts(script) {
  const edits = [];
  const tagged = new Set();
  walk(parse(script), (node) => {
    if (node.type === "TaggedTemplateExpression") tagged.add(node.quasi);
    if (node.type === "TemplateLiteral" && node.expressions.length === 0 && !tagged.has(node))
      edits.push({ ...placeOf(node), by: JSON.stringify(node.quasis[0].value.cooked) });
  });
  return apply(script, edits).replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function takeOutDocumentation(text) {
  const edits = [];
  walk(parse(text), (node) => {
    if (node.type === "CallExpression") {
      node.arguments.forEach((argument, at) => {
        if (at > 0 && DOCUMENTING.has(calleeOf(argument)))
          edits.push({ start: node.arguments[at - 1].end, end: argument.end, by: "" });
      });
      // The wrappers name their modules, which nobody reads.
      const [wrapped] = /^__(?:esm|commonJS)$/.test(calleeOf(node)) ? node.arguments : [];
      if (wrapped !== undefined) edits.push({ ...placeOf(wrapped.properties[0].key), by: "_" });
    }
    if (node.type === "ObjectExpression") edits.push(...editsOf(node, text));
  });
  return apply(text, edits);
}

/** Takes unread members out of an object, and what only the documentation reads. */
function* editsOf(node, text) {
  const unread = unreadOf(node);
  const last = node.properties.length - 1;
  for (const [at, property] of node.properties.entries()) {
    const place = { start: property.start, end: node.properties[at + 1]?.start, by: "" };
    if (at < last && (unread.includes(nameOf(property)) || isSummary(node, at))) yield place;
    else if (nameOf(property) === "example" && property.value.type === "ObjectExpression")
      yield { ...placeOf(property.value), by: shownOf(property.value, text) };
  }
}

/** True for the summary of what has a name. */
function isSummary({ properties }, at) {
  const isNamed = nameOf(properties[at - 1]) === "name" && nameOf(properties[at]) === "summary";
  return isNamed && properties[at].value.type === "Literal";
}

function shownOf({ properties }, text) {
  const told = properties.filter((property) => !DOCUMENTED.has(nameOf(property)));
  return `{${told.map(({ start, end }) => text.slice(start, end)).join(",")}}`;
}

/** Names of members that may be left out of an object of valibot; none of any other. */
function unreadOf({ properties }) {
  const find = (name) => properties.find((property) => nameOf(property) === name);
  const kind = find("kind");
  if (kind === undefined || find("reference") === undefined) return [];
  return ACTIONS.has(kind.value.value) ? [...UNREAD, "type"] : UNREAD;
}

/** The beginning of an SQL statement. */
const SQL = /^\s*(?:ALTER|CREATE|DELETE|DROP|INSERT|SELECT|UPDATE|WITH) /;

function takeOutSpaces(text) {
  const edits = [];
  const edit = ({ start, end }) =>
    edits.push({ start, end, by: withoutSpaces(text.slice(start, end)) });
  walk(parse(text), (node) => {
    const { type, value, quasis = [] } = node;
    if (type === "Literal" && SQL.test(value)) edit(node);
    if (type === "TemplateLiteral" && quasis.some(({ value: { raw } }) => SQL.test(raw)))
      quasis.forEach(edit);
  });
  return apply(text, edits);
}

/** SQL, whole or a part, without the spaces that it does not need. A text in it stays as it is. */
function withoutSpaces(sql) {
  const parts = sql.split("'");
  // A text goes on in another part of the statement.
  if (parts.length % 2 === 0) return sql;
  return parts
    .map((part, at) =>
      at % 2 === 1 ? part : part.replaceAll(/\s+/g, " ").replaceAll(/ ?([,()=<>+;|]) ?/g, "$1"),
    )
    .join("'");
}

/**
 * Writes a module that only one other module evaluates into that one, and leaves out each evaluation of what is
 * evaluated already. The order of evaluation stays as it was.
 */
function joinModules(text) {
  const program = parse(text);
  const modules = new Map(wrappersIn(program, text));
  const reach = (names) => {
    const reached = new Set();
    const left = [...names];
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      left.push(...(modules.get(name)?.uses ?? []));
    }
    return reached;
  };
  const isIdle = (name) => [...reach([name])].every((one) => modules.get(one)?.rest === "");

  const started = reach(program.body.flatMap(callsOf));
  for (const [name, module] of modules) {
    const done = new Set(started.has(name) ? [] : started);
    module.needs = module.uses.filter((used) => {
      if (done.has(used) || isIdle(used)) return false;
      for (const one of reach([used])) done.add(one);
      return true;
    });
  }
  const needed = Map.groupBy(
    [...modules.values()].flatMap(({ needs }) => needs),
    (name) => name,
  );
  const used = Map.groupBy(
    [...modules.values()].flatMap(({ uses }) => uses),
    (name) => name,
  );
  const named = Map.groupBy(text.matchAll(/\binit_\w+/g), ([name]) => name);
  // All but its declaration and the uses by other modules: a start, or an `import()`.
  const isAskedFor = (name) => named.get(name).length > 1 + (used.get(name)?.length ?? 0);
  const isJoined = (name) => !isAskedFor(name) && (needed.get(name)?.length ?? 0) <= 1;
  const bodyOf = (name) => {
    const { needs, rest } = modules.get(name);
    return [...needs.map((one) => (isJoined(one) ? bodyOf(one) : `${one}()`)), rest].join(";");
  };
  const edits = Array.from(modules, ([name, { place }]) => ({
    ...place,
    by: isJoined(name) ? "0" : `__esm({_(){${bodyOf(name)}}})`,
  }));
  return apply(text, edits);
}

/** The modules that esbuild has wrapped: by name the modules that each evaluates first, and its own statements. */
function* wrappersIn(program, text) {
  for (const { declarations = [] } of program.body) {
    for (const { id, init } of declarations) {
      if (calleeOf(init) !== "__esm") continue;
      const { body } = init.arguments[0].properties[0].value;
      const nodes = body.body.filter(({ directive }) => !directive).flatMap(expressionsOf);
      const first = nodes.findIndex((node) => !isEvaluation(node));
      const uses = (first === -1 ? nodes : nodes.slice(0, first)).map(calleeOf);
      const rest = first === -1 ? "" : text.slice(nodes[first].start, body.end - 1);
      yield [id.name, { place: placeOf(init), uses, rest, needs: [] }];
    }
  }
}

/** The modules that a statement evaluates. */
function callsOf(statement) {
  return expressionsOf(statement).filter(isEvaluation).map(calleeOf);
}

function isEvaluation(node) {
  return calleeOf(node).startsWith("init_") && node.arguments.length === 0;
}
