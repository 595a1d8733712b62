// JSON Schemas of strangers over data of strangers, by @cfworker/json-schema, which has no bounds: references can
// double the work with each level, and a pattern can run for ever. It reads each keyword of a schema whenever it
// evaluates it; so a keyword that is an accessor counts evaluations. Patterns are matched by RE2.
import {
  dereference,
  format,
  ignoredKeyword,
  schemaArrayKeyword,
  schemaMapKeyword,
  validate,
  type Schema,
  type SchemaDraft,
} from "@cfworker/json-schema";
import { ItemError } from "./errors";
import type { Run } from "./operation";
import { schemaShapeFault } from "./json-schema-shape";
import {
  comparisonWork,
  type Longest,
  longestOf,
  WORK_PER_MEMBER,
  workOf,
} from "./json-schema-work";
import { patternsFault } from "./compiled-patterns";
import { isMatch } from "./patterns";
import { isObject } from "../../lib/is-object";
import { type StandIn, withStandIns } from "../../lib/with-stand-ins";

/** Evaluations of a schema on one item, at most. */
const MAX_EVALUATIONS = 100_000;
/** Work of matching a text by a pattern, besides reading it. */
const WORK_PER_MATCHED = 100;
/** Characters of a text that is compared with a pattern or a format. */
const MAX_CHECKED_CHARS = 10_000;
/** Characters of the addresses of all schemas that a schema holds: each is kept with that of what it is in. */
const MAX_ADDRESS_CHARS = 300_000;
/** Levels of a schema. */
const MAX_DEPTH = 50;

const DRAFTS: readonly (readonly [marker: string, draft: SchemaDraft])[] = [
  ["draft-04", "4"],
  ["draft-06", "7"],
  ["draft-07", "7"],
  ["2019-09", "2019-09"],
];

// The library's own pattern for this format takes exponential time.
format["url"] = (text: string) => URL.canParse(text);
// The library's table of keywords that hold schemas by names lacks this one.
schemaMapKeyword["dependencies"] = true;
// All are looked up by the caller's names: `constructor` is none of them.
for (const table of [format, ignoredKeyword, schemaArrayKeyword, schemaMapKeyword])
  Object.setPrototypeOf(table, null);

/** Refuses an item with a text or a name that is too long for patterns and formats. */
function checkTexts(value: unknown): void {
  if (typeof value === "string" && value.length > MAX_CHECKED_CHARS) {
    const message = `A text is over ${MAX_CHECKED_CHARS} characters, too long for patterns and formats`;
    throw new ItemError("too-large", message);
  }
  if (Array.isArray(value)) value.forEach(checkTexts);
  else if (isObject(value)) Object.entries(value).forEach((member) => member.forEach(checkTexts));
}

/** The verdict on an item. */
export interface Verdict {
  readonly valid: boolean;
  readonly reason?: string;
}

/** A schema, compiled; evaluates one item at a time. */
export class JsonSchema {
  readonly #schema: Schema | boolean;
  readonly #draft: SchemaDraft;
  readonly #lookup: Record<string, Schema | boolean>;
  #checksTexts = false;
  #checksLists = false;
  #comparisonWork = 0;
  #longest: Longest = longestOf(null);
  readonly #patterns = new Set<string>();
  #run: Run | undefined;
  #standIns: StandIn[] = [];
  #evaluations = 0;

  /** Throws a SyntaxError with a short message for a schema that cannot be used. */
  constructor(written: unknown) {
    // A copy, whose keywords become accessors.
    this.#schema = JSON.parse(JSON.stringify(written));
    checkDepth(this.#schema);
    const fault = schemaShapeFault(this.#schema);
    if (fault !== undefined) throw new SyntaxError(fault);
    const marker = String(Object(this.#schema).$schema);
    this.#draft = DRAFTS.find(([part]) => marker.includes(part))?.[1] ?? "2020-12";
    this.#lookup = this.#resolve();
    for (const schema of new Set(Object.values(this.#lookup))) {
      if (typeof schema === "object") this.#guard(schema);
    }
  }

  /** The fault of its patterns, which need not be compiled again for a schema that is known to have none. */
  patternsFault(): string | undefined {
    const fault = patternsFault(Array.from(this.#patterns, (pattern) => ({ pattern, flags: "" })));
    return fault && `A pattern: ${fault}`;
  }

  #resolve(): Record<string, Schema | boolean> {
    let left = MAX_ADDRESS_CHARS;
    // The library enters a schema with an `$id` twice, and so one within it four times, and so on. Its own assignment
    // throws where this is false.
    const set = (to: object, address: string, schema: unknown) =>
      (left -= address.length) > 0 && Reflect.set(to, address, schema);
    try {
      return dereference(this.#schema, new Proxy(Object.create(null), { set }));
    } catch {
      throw new SyntaxError(
        "Its references cannot be resolved, or its $id or names are too long or nested",
      );
    }
  }

  /** Makes the keywords that need a bound accessors, and refuses what cannot be used. */
  #guard(schema: Schema): void {
    this.#checkReference(schema);
    const { pattern, patternProperties } = schema;
    this.#checksTexts ||= pattern !== undefined || schema.format !== undefined;
    this.#checksTexts ||= patternProperties !== undefined;
    this.#checksLists ||= schema.uniqueItems === true;
    for (const source of [pattern ?? [], Object.keys(patternProperties ?? {})].flat())
      this.#patterns.add(source);
    const work = workOf(schema);
    Object.defineProperty(schema, "pattern", {
      get: () => {
        this.#count(work(this.#longest));
        return pattern;
      },
    });
    if (schema.uniqueItems === true)
      Object.defineProperty(schema, "uniqueItems", {
        get: () => {
          this.#run?.spend(this.#comparisonWork);
          return true;
        },
      });
  }

  #checkReference(schema: Schema): void {
    if (Object.keys(schema).some((name) => name.startsWith("__absolute_")))
      throw new SyntaxError("Names that begin with __absolute_ are the validator's own");
    // An empty reference is to its base, which the library does not see.
    if (schema.$ref === "")
      schema.$ref = String(Reflect.get(schema, "__absolute_uri__")).replace(/#.*/, "");
    const target: string | undefined = Reflect.get(schema, "__absolute_ref__") ?? schema.$ref;
    if (target !== undefined && this.#lookup[target] === undefined)
      throw new SyntaxError(`Unresolved reference ${String(schema.$ref).slice(0, 100)}`);
  }

  #count(work: number): void {
    this.#evaluations += 1;
    if (this.#evaluations > MAX_EVALUATIONS)
      throw new ItemError("too-large", `Takes over ${MAX_EVALUATIONS} evaluations of the schema`);
    this.#run?.spend(work);
  }

  /** Stand-ins for the library's own use of the platform, so that all of it is bounded. */
  #standInsOf(run: Run): StandIn[] {
    const platform = RegExp;
    const { keys } = Object;
    const patterns = this.#patterns;
    // `new` takes an object that a function returns; an arrow function cannot be its target.
    const makePattern = function makePattern(pattern: string, flags?: string) {
      // The format `regex` makes one to see if it can be made, and matches nothing with it.
      if (!patterns.has(pattern)) void new platform(pattern, flags);
      return {
        test: (text: string) => {
          run.spend(WORK_PER_MATCHED);
          return isMatch({ pattern, flags: "" }, text, run);
        },
      };
    };
    // Read once for each object that is evaluated.
    const countedKeys = (object: object) => {
      const names = keys(object);
      run.spend(WORK_PER_MEMBER * names.length);
      return names;
    };
    return [
      [null, "RegExp", makePattern],
      [Object, "keys", countedKeys],
    ];
  }

  /** Evaluates an item. Throws `ItemError` for one that takes too much. */
  validate(item: unknown, run: Run): Verdict {
    // Made once: V8 keeps a description of what each constructor makes.
    if (this.#run !== run) this.#standIns = this.#standInsOf(run);
    this.#run = run;
    this.#evaluations = 0;
    this.#longest = longestOf(item);
    if (this.#checksLists) this.#comparisonWork = comparisonWork(item);
    if (this.#checksTexts) checkTexts(item);
    try {
      const { valid, errors } = withStandIns(this.#standIns, () =>
        validate(item, this.#schema, this.#draft, this.#lookup),
      );
      if (valid) return { valid };
      const { instanceLocation = "#", error = "Not valid" } = errors.at(-1) ?? {};
      return { valid, reason: `${instanceLocation}: ${error}`.slice(0, 200) };
    } catch (error) {
      if (error instanceof RangeError)
        throw new ItemError("too-large", "The schema refers to itself too deeply");
      // The target of a reference need not be a schema: an unknown keyword may hold anything.
      if (error instanceof TypeError)
        throw new ItemError("invalid-value", "The schema refers to what is no schema");
      throw error;
    }
  }
}

function checkDepth(value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new SyntaxError(`Nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value !== "object" || value === null) return;
  for (const part of Object.values(value)) checkDepth(part, depth + 1);
}
