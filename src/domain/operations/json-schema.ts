// JSON Schemas of strangers over data of strangers, by @cfworker/json-schema, which has no bounds: references can
// double the work with each level, and a pattern can run for ever. It reads each keyword of a schema whenever it
// evaluates it; so a keyword that is an accessor counts evaluations, and hands out patterns that are safe.
import {
  dereference,
  format,
  validate,
  type Schema,
  type SchemaDraft,
} from "@cfworker/json-schema";
import { ItemError } from "./errors";
import type { Run } from "./operation";
import { schemaShapeFault } from "./json-schema-shape";
import { isMatch, patternFault } from "./patterns";
import { isObject } from "../../lib/is-object";

/** Evaluations of a schema on one item, at most. */
const MAX_EVALUATIONS = 100_000;
/** Work of one evaluation. */
export const WORK_PER_EVALUATION = 200;
/** Characters of a text that is compared with a pattern or a format. */
const MAX_CHECKED_CHARS = 10_000;
/** Elements of a list that are compared with each other. */
const MAX_UNIQUE = 1_000;
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
// Formats are looked up by the caller's name: `constructor` is none.
Object.setPrototypeOf(format, null);

/** Texts, names and lists that an item holds: what patterns, formats and `uniqueItems` look at. */
interface Inventory {
  readonly texts: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

function takeInventory(item: unknown, checksTexts: boolean): Inventory {
  const [texts, names] = [new Set<string>(), new Set<string>()];
  const visit = (value: unknown): void => {
    if (typeof value === "string") texts.add(checked(value, checksTexts));
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        names.add(checked(name, checksTexts));
        visit(member);
      }
    }
  };
  visit(item);
  return { texts, names };
}

function checked(text: string, isChecked: boolean): string {
  if (!isChecked || text.length <= MAX_CHECKED_CHARS) return text;
  const message = `A text is over ${MAX_CHECKED_CHARS} characters, too long for patterns and formats`;
  throw new ItemError("too-large", message);
}

/** The values that a value holds, itself included; long texts count as several. */
function sizeOf(value: unknown, onList: (length: number, size: number) => void = () => {}): number {
  if (typeof value === "string") return 1 + Math.floor(value.length / 64);
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const part of Object.values(value)) size += sizeOf(part, onList);
  if (Array.isArray(value)) onList(value.length, size);
  return size;
}

/** Work of comparing the elements of an item's list with each other: that of the list which takes most. */
function comparisonWork(item: unknown): number {
  let work = 0;
  sizeOf(item, (length, size) => {
    if (length > MAX_UNIQUE)
      throw new ItemError(
        "too-large",
        `A list has over ${MAX_UNIQUE} elements, too many to compare`,
      );
    work = Math.max(work, length * size);
  });
  return work;
}

/** The verdict on an item. */
export interface Verdict {
  readonly valid: boolean;
  readonly reason?: string;
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** A pattern, in the platform's syntax, that matches these texts and no others: it cannot backtrack. */
function listing(texts: readonly string[]): string {
  return texts.length === 0 ? "[^\\s\\S]" : `^(?:${texts.map(escaped).join("|")})$`;
}

/** A schema, compiled; evaluates one item at a time. */
export class JsonSchema {
  readonly #schema: Schema | boolean;
  readonly #draft: SchemaDraft;
  readonly #lookup: Record<string, Schema | boolean>;
  #checksTexts = false;
  #checksLists = false;
  #comparisonWork = 0;
  #run: Run | undefined;
  #evaluations = 0;
  #inventory: Inventory = { texts: new Set(), names: new Set() };

  /** Throws a SyntaxError with a short message for a schema that cannot be used. */
  constructor(written: unknown) {
    // A copy, whose keywords become accessors.
    this.#schema = JSON.parse(JSON.stringify(written));
    checkDepth(this.#schema);
    const fault = schemaShapeFault(this.#schema);
    if (fault !== undefined) throw new SyntaxError(fault);
    const marker = isObject(this.#schema) ? (this.#schema["$schema"] ?? "") : "";
    this.#draft = DRAFTS.find(([part]) => marker.includes(part))?.[1] ?? "2020-12";
    this.#lookup = this.#resolve();
    for (const schema of new Set(Object.values(this.#lookup))) {
      if (typeof schema === "object") this.#guard(schema);
    }
  }

  #resolve(): Record<string, Schema | boolean> {
    try {
      return dereference(this.#schema);
    } catch {
      throw new SyntaxError("Its references cannot be resolved");
    }
  }

  /** Makes the keywords that need a bound accessors, and refuses what cannot be used. */
  #guard(schema: Schema): void {
    const target: string | undefined = Reflect.get(schema, "__absolute_ref__");
    if (target !== undefined && this.#lookup[target] === undefined)
      throw new SyntaxError(`Unresolved reference ${String(schema.$ref).slice(0, 100)}`);
    const { pattern, patternProperties } = schema;
    this.#checksTexts ||= pattern !== undefined || schema.format !== undefined;
    this.#checksTexts ||= patternProperties !== undefined;
    this.#checksLists ||= schema.uniqueItems === true;
    for (const source of [pattern ?? [], Object.keys(patternProperties ?? {})].flat())
      check(source);
    // Texts and values that it lists are compared with each instance.
    const listed = sizeOf([schema.enum, schema.const, schema.required, schema.dependentRequired]);
    Object.defineProperty(schema, "pattern", {
      get: () => {
        this.#count(listed);
        return pattern === undefined
          ? undefined
          : // A schema of `propertyNames` has names as its instances.
            listing(this.#matches(pattern, [...this.#inventory.texts, ...this.#inventory.names]));
      },
    });
    if (schema.uniqueItems === true)
      Object.defineProperty(schema, "uniqueItems", {
        get: () => {
          this.#run?.spend(this.#comparisonWork);
          return true;
        },
      });
    if (patternProperties === undefined) return;
    Object.defineProperty(schema, "patternProperties", {
      get: () =>
        Object.fromEntries(
          Object.entries(patternProperties).map(([source, inner], at) => [
            // Names must differ, also where the same properties match.
            listing(this.#matches(source, this.#inventory.names)) + "(?:)".repeat(at),
            inner,
          ]),
        ),
    });
  }

  #count(listed: number): void {
    this.#evaluations += 1;
    if (this.#evaluations > MAX_EVALUATIONS)
      throw new ItemError("too-large", `Takes over ${MAX_EVALUATIONS} evaluations of the schema`);
    this.#run?.spend(WORK_PER_EVALUATION + listed);
  }

  #matches(pattern: string, texts: Iterable<string>): string[] {
    const run = this.#run;
    if (run === undefined) return [];
    return [...texts].filter((text) => isMatch({ pattern, flags: "" }, text, run));
  }

  /** Evaluates an item. Throws `ItemError` for one that takes too much. */
  validate(item: unknown, run: Run): Verdict {
    this.#run = run;
    this.#evaluations = 0;
    if (this.#checksLists) this.#comparisonWork = comparisonWork(item);
    this.#inventory = takeInventory(item, this.#checksTexts);
    try {
      const { valid, errors } = validate(item, this.#schema, this.#draft, this.#lookup);
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

function check(pattern: unknown): void {
  if (typeof pattern !== "string") throw new SyntaxError("A pattern is no text");
  const fault = patternFault({ pattern, flags: "" });
  if (fault !== undefined) throw new SyntaxError(`A pattern: ${fault}`);
}

function checkDepth(value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new SyntaxError(`Nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value !== "object" || value === null) return;
  for (const part of Object.values(value)) checkDepth(part, depth + 1);
}
