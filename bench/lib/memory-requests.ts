// Requests to `/process-data` and `/batch-process` that may take much memory: operations, parameters and texts are
// drawn at random, and from what is known to grow, escape, widen or nest; batches come as JSON, NDJSON and CSV, of texts,
// records and calls, waited for or under a key.

import { BODIES, LAST_STEPS, LIST_STEPS } from "./memory-bodies.ts";

/** A number from 0 up to, and without, `below`; the same seed draws the same numbers (mulberry32). */
type Draw = (below: number) => number;

/** An operation as `GET /process-data` lists it. */
export interface Listed {
  readonly name: string;
  readonly kind: "item" | "list" | "summary";
  readonly parameters: {
    readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly required?: readonly string[];
  };
  readonly example: { readonly operation: unknown; readonly input: readonly unknown[] };
}

/** A request's path, headers and body. */
export interface Heavy {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What it is, in short. */
  readonly name: string;
}

const MIB = 1024 * 1024;

const UNITS =
  'a é ж 語 👩‍👩‍👧 e\u0301 \u0001 " \\ \n 1, <p> &amp; & https://a.example/b?c ada@example.com, a,b\n a,"b"\n [ {"a":1} - / %41 ﷺ ß İ aB € \ud83d x=1& ไ ΐ'.split(
    " ",
  );

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  expression: expressions(),
  by: expressions(),
  value: expressions(),
  pattern: [
    "a",
    ".",
    "(.)",
    "(?P<x>.)(.)?",
    "\\w*",
    "(a+)+$",
    "\\b",
    "(.*?)(,|$)",
    "\\pL{1,200}x",
    "x*",
  ],
  template: [
    "{{.}}".repeat(50),
    "{{#.}}{{.}}{{#.}}{{.}}{{/.}}{{/.}}",
    "x".repeat(10_000),
    "ж".repeat(9_000),
  ],
  replacement: ["", "$0$0$0$0", "x".repeat(1_000), "ж".repeat(1_000)],
  separator: ["", ",", "a", "ж".repeat(900)],
  search: ["a", "1", "é", "aa"],
  schema: [
    { type: "string" },
    { pattern: "(a+)+$" },
    { items: { items: {} } },
    { uniqueItems: true },
  ],
  with: ["ж", "\u0001", "👩‍👩‍👧", "ab"],
  indent: [0, 2, 8],
  format: ["EEEE, d MMMM yyyy HH:mm zzzz", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "y w D"],
  zone: ["UTC", "Europe/Berlin", "Pacific/Apia"],
  table: [{ a: "v".repeat(90_000) }, { a: ["a"] }],
  default: ["d".repeat(1_000), null],
};

function expressions(): string[] {
  return [
    "@ [@,@] [@,@,@,@,@,@,@,@] {a:@,b:@,c:@} to_string(@) split(@,'') reverse(@) keys(@) [*] @.* map(&[@,@,@],@)",
    "upper(@) replace(@,'a','aaaaaaaaaa') join(',',[@,@,@,@]) pad_left(@,`100000`) values(@) items(@) zip(@,@)",
    "group_by(@,&to_string(@)) sort(@) length(@) a [?@] from_items(items(@)) [:]",
  ].flatMap((line) => line.split(" "));
}

const PLAIN = ["length", "uppercase", "json_stringify", "trim"];
const JSON_TYPE = { "Content-Type": "application/json" };

/** An item like the one given, and like no other. */
function varied(item: unknown, at: number): unknown {
  if (typeof item === "number") return item + at;
  if (typeof item !== "string") return item;
  // A date stays one.
  return /^\d{4}-/.test(item) ? item.replace(/^\d{4}/, String(1970 + (at % 100))) : `${item} ${at}`;
}

/** Draws requests. */
export class HeavyRequests {
  readonly #draw: Draw;
  readonly #operations: readonly Listed[];
  readonly #upstream: string;

  /** @param upstream as `openOutside` has it */
  constructor(seed: number, operations: readonly Listed[], upstream: string) {
    this.#draw = mulberry(seed);
    this.#operations = operations;
    this.#upstream = upstream;
  }

  next(): Heavy {
    const kind = this.#draw(12);
    if (kind === 0) return this.#draw(2) === 0 ? this.#calls() : this.#records();
    if (kind === 1) return this.#lines();
    return kind < 5 ? this.#batch() : this.#processing();
  }

  #processing(): Heavy {
    const kind = this.#draw(4);
    if (kind < 2) return kind === 0 ? this.#many() : this.#combined();
    const count = this.#of([1, 1, 3, 30, 300, 3_000, 10_000]);
    const size = this.#of([100_000, 500_000, 1_000_000]);
    const items = this.#items(count, size);
    const one = this.#draw(2) === 0;
    const pipelines = one ? 1 : this.#of([2, 5, 10]);
    const first = this.#pipeline();
    const isSame = this.#draw(2) === 0;
    const operations = Array.from({ length: pipelines }, () => (isSame ? first : this.#pipeline()));
    const asked = one ? { operation: first } : { operations };
    // Wide characters as they are, and escaped, which takes six bytes each.
    const body = written(items, asked, MIB);
    const name = `${count} items of ${Math.round(size / count)}, ${JSON.stringify(asked).slice(0, 200)}`;
    return { path: "/process-data", headers: JSON_TYPE, body, name };
  }

  /** A whole body, of which up to ten pipelines make what lives long. */
  #combined(): Heavy {
    const { name: items, items: make, first } = this.#of(BODIES);
    const pipeline = () => {
      const inner = Array.from({ length: this.#of([0, 0, 1, 1, 2, 7]) }, () =>
        this.#of(LIST_STEPS),
      );
      return [this.#of(first), ...inner, this.#of(LAST_STEPS)];
    };
    const one = pipeline();
    const isSame = this.#draw(3) > 0;
    const operations = Array.from({ length: this.#of([1, 3, 10, 10]) }, () =>
      isSame ? one : pipeline(),
    );
    const name = `${items}, ${operations.length} times ${JSON.stringify(operations).slice(0, 300)}`;
    const body = written(make(), { operations }, MIB);
    return { path: "/process-data", headers: JSON_TYPE, body, name };
  }

  /** The most items, each of which an operation takes, by ten pipelines: small memory that nothing collects. */
  #many(): Heavy {
    const step = this.#step(this.#of(this.#operations.filter(({ kind }) => kind === "item")));
    const example = this.#operations.find(({ name }) => name === Object(step).name)?.example;
    const inputs = example?.input ?? ["a"];
    const count = this.#of([2_000, 10_000]);
    // Each differs, so that nothing is shared, and is what the operation's example takes.
    const items = Array.from({ length: count }, (_, at) => varied(inputs[at % inputs.length], at));
    const asked = { operations: Array.from({ length: this.#of([5, 10]) }, () => step) };
    const name = `${count} items like ${JSON.stringify(items[0])}, ${asked.operations.length} times ${JSON.stringify(step).slice(0, 200)}`;
    return { path: "/process-data", headers: JSON_TYPE, body: written(items, asked, MIB), name };
  }

  #batch(): Heavy {
    const count = this.#of([1, 3, 10, 20, 1_000, 9_999]);
    // What is made of short texts may be long.
    const items = this.#items(count, this.#of([10 * MIB, 10 * MIB, 10 * count]));
    const inner = this.#operations.filter(({ kind }) => kind === "item");
    const operation = this.#draw(2) === 0 ? this.#step(this.#of(inner)) : this.#of(PLAIN);
    const body = written(items, { operation }, 10 * MIB);
    const name = `batch of ${count} items like ${JSON.stringify(items[0]).slice(0, 40)}, ${JSON.stringify(operation).slice(0, 200)}`;
    return { path: "/batch-process", headers: { ...JSON_TYPE, ...this.#way() }, body, name };
  }

  /** Waited for, under a key, or neither. */
  #way(): Readonly<Record<string, string>> {
    return this.#of([{}, {}, { Prefer: "wait=20" }, { "Idempotency-Key": "a" }]);
  }

  /** Many records. */
  #records(): Heavy {
    const operation = this.#of(["users", "tasks"]);
    const metadata = { a: "v".repeat(this.#of([1, 100, 800])) };
    const items = Array.from({ length: this.#of([2_000, 10_000]) }, (_, at) =>
      operation === "users"
        ? { name: `User ${at}`, email: `user${at}@example.com`, metadata }
        : { title: `Task ${at}`, metadata },
    );
    const body = written(items, { operation }, 10 * MIB);
    const name = `${items.length} ${operation} like ${JSON.stringify(items[0]).slice(0, 60)}`;
    return { path: "/batch-process", headers: { ...JSON_TYPE, ...this.#way() }, body, name };
  }

  /** Calls at once, whose replies are large, or as a batch, which may have many. */
  #calls(): Heavy {
    const [count, bytes] = this.#of([
      [20, MIB],
      [20, 100_000],
      [10, MIB],
      [5_000, 100],
    ] as const);
    const url = `${this.#upstream}/large?bytes=${bytes}&form=${this.#of(["json", "text"])}`;
    const isBatch = count > 20 || this.#draw(2) === 0;
    const urls = Array<string>(count).fill(url);
    const asked = isBatch ? { operation: "external-api", items: urls } : { urls };
    const accept = this.#draw(2) === 0 ? { Accept: "application/x-ndjson" } : {};
    return {
      path: isBatch ? "/batch-process" : "/external-api",
      headers: { ...JSON_TYPE, ...(isBatch ? this.#way() : accept) },
      body: JSON.stringify(asked),
      name: `${count} calls of ${url}, ${isBatch ? "a batch" : JSON.stringify(accept)}`,
    };
  }

  /** A file of lines: long, many, or wide ones. */
  #lines(): Heavy {
    const operation = this.#of(PLAIN);
    const isCsv = this.#draw(2) === 0;
    const [count, columns] = this.#of([
      [10, 1],
      [1_000, 1],
      [10_000, 1],
      [1_000, 2_000],
      [10_000, 50],
    ] as const);
    const cell = this.#of(["1", "ab", "é", "ж", "a b c"]).repeat(
      Math.max(1, Math.floor((8 * MIB) / count / columns / 5)),
    );
    const row = Array<string>(columns).fill(cell);
    const line = isCsv ? row.join(",") : JSON.stringify(columns === 1 ? cell : row);
    const head = isCsv ? [Array.from({ length: columns }, (_, at) => `c${at}`).join(",")] : [];
    const body = [...head, ...Array<string>(count).fill(line)].join("\n").slice(0, 9 * MIB);
    const type = isCsv ? "text/csv" : "application/x-ndjson";
    const path = `/batch-process?operation=${operation}`;
    const name = `${type} of ${count} lines of ${columns} like ${line.slice(0, 30)}, ${operation}`;
    return { path, headers: { "Content-Type": type, ...this.#way() }, body, name };
  }

  #items(count: number, size: number): unknown[] {
    const make = this.#draw(3) === 0 ? this.#json.bind(this) : this.#item.bind(this);
    const share = Math.floor((size * 0.9) / count);
    const kinds = Array.from({ length: Math.min(count, this.#of([1, 5, 50])) }, () => make(share));
    return Array.from({ length: count }, (_, at) => kinds[at % kinds.length]);
  }

  #text(bytes: number): string {
    const unit = Array.from({ length: this.#of([1, 1, 2, 3]) }, () => this.#of(UNITS)).join("");
    const text = unit.repeat(
      Math.max(1, Math.floor(bytes / Buffer.byteLength(JSON.stringify(unit)))),
    );
    // One wide character makes all of them wide.
    return this.#draw(3) === 0 ? `${text}ж` : text;
  }

  #item(bytes: number): unknown {
    const kind = this.#draw(11);
    if (kind < 6) return this.#text(bytes);
    if (kind === 10) return Array<number>(Math.max(1, Math.floor(bytes / 2))).fill(1);
    if (kind === 6) return Array.from({ length: 10 }, () => this.#text(bytes / 12));
    if (kind === 7)
      return Array(Math.min(9_000, Math.floor(bytes / 3)))
        .fill(null)
        .map(() => []);
    if (kind === 8) return this.#object(Math.min(3_000, Math.floor(bytes / 16)));
    return this.#of([1.5, null, true, 12_345_678_901]);
  }

  #object(members: number): object {
    const name = () => `k${this.#draw(1_000_000)}`;
    return Object.fromEntries(
      Array.from({ length: members }, () => [name(), this.#of([1, null, "v"])]),
    );
  }

  /** Text that is JSON, or holds many lines. */
  #json(bytes: number): string {
    const kind = this.#draw(5);
    const count = Math.max(1, Math.floor(bytes / 18));
    if (kind === 0)
      return JSON.stringify(
        Array(count * 5)
          .fill(null)
          .map(() => []),
      );
    if (kind === 1)
      return JSON.stringify(Array.from({ length: count }, (_, at) => ({ [`a${at}`]: 1 })));
    if (kind === 2) return "a,b,c,d\n".repeat(count * 2);
    if (kind === 3) return this.#wideTable(Math.min(16_000, count));
    return JSON.stringify([this.#item(bytes / 4), this.#item(bytes / 4)]);
  }

  /** A table of many columns, of which all rows but the header are short. */
  #wideTable(columns: number): string {
    const header = Array.from({ length: columns }, (_, at) => `c${at}`).join(",");
    return `${header}\n${"x\n".repeat(this.#of([1, 12, 30]))}`;
  }

  #pipeline(): unknown {
    const length = this.#of([1, 1, 1, 2, 2, 3, 4, 6]);
    const inner = this.#operations.filter(({ kind }) => kind !== "summary");
    const steps = Array.from({ length }, () => this.#step(this.#of(inner)));
    const last = this.#of(this.#operations);
    if (this.#draw(3) === 0) steps.push(this.#step(last));
    return steps.length === 1 ? steps[0] : steps;
  }

  #step({ name, parameters, example }: Listed): unknown {
    const { properties = {}, required = [] } = parameters;
    const step: Record<string, unknown> = { name };
    for (const [parameter, schema] of Object.entries(properties)) {
      if (!required.includes(parameter) && this.#draw(2) === 0) continue;
      const shown: unknown = Reflect.get(Object(example.operation), parameter);
      const value = this.#value(parameter, schema) ?? shown;
      if (value !== undefined) step[parameter] = value;
    }
    return step;
  }

  #value(parameter: string, schema: Readonly<Record<string, unknown>>): unknown {
    if (Array.isArray(schema["enum"])) return this.#of(schema["enum"]);
    const known = VALUES[parameter];
    if (known !== undefined) return this.#of(known);
    if (schema["type"] === "boolean") return this.#draw(2) === 0;
    if (schema["type"] !== "integer") return undefined;
    const { minimum = 0, maximum = 100 } = schema;
    return this.#of([minimum, Math.min(Number(maximum), 100), maximum]);
  }

  #of<T>(choices: readonly T[]): T {
    // The list is never empty, and the place is within it.
    return choices[this.#draw(choices.length)] as T;
  }
}

/** A request's JSON; items are left out until it is short enough, down to one that is refused. */
function written(items: readonly unknown[], asked: object, most: number): string {
  for (let left = items; ; left = left.slice(0, Math.floor(left.length * 0.7))) {
    const body = JSON.stringify({ items: left.length > 0 ? left : ["a"], ...asked });
    if (left.length === 0 || Buffer.byteLength(body) <= most) return body;
  }
}

function mulberry(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
