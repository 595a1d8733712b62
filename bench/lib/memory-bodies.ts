// Items that fill a body of 1 MiB, each kind of which V8 keeps in another way, and the steps that make most of them.

/** Items, and steps of which one is to come first. */
export interface Body {
  readonly name: string;
  readonly items: () => readonly unknown[];
  readonly first: readonly unknown[];
}

const list = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));
const select = (expression: string) => ({ name: "select", expression });

const NUMBERS_TEXT = `[${"1,".repeat(479_000)}1]`;
const LISTS_TEXT = `[${"[],".repeat(160_000)}[]]`;
const HEADER = list(16_000, (n) => `c${n}`).join(",");

/** One of each kind. */
export const BODIES: readonly Body[] = [
  {
    name: "lists of numbers",
    items: () => list(1_000, (n) => list(100, (m) => n * 100 + m)),
    first: ["flatten", "json_stringify", { name: "chunk", size: 1 }],
  },
  {
    name: "lists of fractions",
    items: () => list(1_000, (n) => list(100, (m) => n + m / 100)),
    first: ["flatten", "json_stringify"],
  },
  {
    name: "lists of texts",
    items: () => list(1_000, (n) => list(100, (m) => `a${n * 100 + m}`)),
    first: ["flatten", "json_stringify"],
  },
  {
    name: "some long lists",
    items: () => list(20, (n) => list(2_000, (m) => `a${n}-${m}`)),
    first: ["flatten", select("[*]"), select("sort(@)"), select("[].{a:@,b:@}")],
  },
  {
    name: "one list of numbers",
    items: () => [list(480_000, () => 1)],
    first: ["json_stringify", select("[*]"), select("[].{a:@}"), select("map(&[@],@)")],
  },
  {
    name: "a text of numbers",
    items: () => [NUMBERS_TEXT],
    first: ["json_parse", "csv_parse", "extract_numbers", { name: "split", separator: "" }],
  },
  {
    name: "a text of lists",
    items: () => [LISTS_TEXT],
    first: ["json_parse", "csv_parse"],
  },
  {
    name: "three tables",
    items: () => list(3, () => `a,b,c,d\n${"1,2,3,4\n".repeat(35_000)}`),
    first: ["csv_parse", { name: "csv_parse", header: false }],
  },
  {
    name: "a table of many columns",
    items: () => [`${HEADER}\n${"x\n".repeat(12)}`],
    first: ["csv_parse", { name: "csv_parse", header: false }],
  },
  {
    name: "an object of many members",
    items: () => [Object.fromEntries(list(60_000, (n) => [`k${n}`, 1]))],
    first: [select("merge(@,@)"), select("items(@)"), select("values(@)"), "json_stringify"],
  },
  {
    name: "small objects of different members",
    items: () => list(10_000, (n) => ({ [`k${n}`]: n, b: [n, { c: `${n}` }] })),
    first: [
      "json_stringify",
      select("[b,b,@]"),
      select("{x:@,y:b}"),
      { name: "pick", fields: ["b"] },
    ],
  },
  {
    name: "small objects",
    items: () => list(10_000, (n) => ({ id: n, name: `User ${n}`, tags: ["a", `b${n}`] })),
    first: ["json_stringify", select("[id,name,tags]"), { name: "omit", fields: ["id"] }],
  },
  {
    name: "URLs",
    items: () => list(10_000, (n) => `https://a${n}.example/b?c=${n}&d=1`),
    first: ["url_parse", "extract_urls", { name: "regex_extract", pattern: "(\\w+)=(\\w+)" }],
  },
  {
    name: "queries",
    items: () => list(10_000, (n) => `a=${n}&b=2&c=3&d=4&e=5&f=6`),
    first: ["query_parse", { name: "split", separator: "&" }, "csv_parse"],
  },
  {
    name: "wide texts",
    items: () => list(10_000, (n) => `\u0436 ${n} ${"a".repeat(40)}`),
    first: ["uppercase", { name: "split", separator: "" }, { name: "pad", length: 150 }],
  },
  {
    name: "dates",
    items: () =>
      list(10_000, (n) => `${1970 + (n % 60)}-01-31T12:00:${String(n % 60).padStart(2, "0")}`),
    first: ["date_parse", { name: "validate", as: "schema", schema: { pattern: "(a+)+$" } }],
  },
];

/** Steps that take a list whole. */
export const LIST_STEPS: readonly unknown[] = [
  "unique",
  "sort",
  "flatten",
  { name: "shuffle", seed: 1 },
  { name: "chunk", size: 1 },
  { name: "sort", by: "to_string(@)" },
  { name: "unique", by: "[@]" },
  { name: "top", count: 10_000, by: "to_string(@)" },
  { name: "filter", expression: "@" },
  "json_stringify",
  { name: "template", template: "{{.}}{{.}}" },
  { name: "pad", length: 60 },
];

/** Steps that end a pipeline. */
export const LAST_STEPS: readonly unknown[] = [
  ...LIST_STEPS,
  "frequency",
  "statistics",
  "join",
  { name: "group_by", by: "@" },
  { name: "group_by", by: "[@]" },
  { name: "summarize", by: "@", value: "length(to_string(@))" },
  { name: "summarize", by: "to_string(@)", value: "@" },
];
