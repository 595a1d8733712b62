// Operations that take addresses and queries apart, as browsers do (WHATWG URL).
import { isLonger } from "../../lib/is-longer";
import { partsBetween } from "../../lib/parts-between";
import { utf8 } from "./bytes";
import { ItemError, overChars } from "./errors";
import { MAX_URL_CHARS } from "./limits";
import { type OperationDefinition, textOperation } from "./operation";

const PRICE = { per_item: 800, per_character: 30 };

/** Values by name in the order of the query; a name that is repeated has a list. */
function parametersOf(query: Iterable<[string, string]>): Record<string, string | string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of query) {
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [value]);
    else list.push(value);
  }
  // Defined, never assigned: a name such as `__proto__` is data.
  return Object.fromEntries(
    Array.from(lists, ([name, list]) => [name, list.length === 1 ? (list[0] ?? "") : list]),
  );
}

/** Parameters of a query, at most. */
const MAX_PARAMETERS = 10_000;

/** The parameters of a query. The platform's own reader holds an object outside of V8's heap for each query. */
function* parametersIn(query: string): Generator<[name: string, value: string]> {
  let count = 0;
  for (const part of partsBetween(query.replace(/^\?/, ""), "&")) {
    if (part === "") continue;
    count += 1;
    if (count > MAX_PARAMETERS)
      throw new ItemError("too-large", `A query has at most ${MAX_PARAMETERS} parameters`);
    const [name = "", value = ""] = partsBetween(part, "=", 2);
    yield [decoded(name), decoded(value)];
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return new URLSearchParams(`=${text}`).get("") ?? "";
  }
}

/** The port of a URL, where it is not its scheme's usual one. */
const portOf = ({ port }: URL) => (port === "" ? null : Number(port));

function parseUrl(text: string) {
  if (isLonger(text, MAX_URL_CHARS)) throw overChars("The URL", MAX_URL_CHARS);
  utf8(text);
  const url = URL.parse(text);
  if (url === null) throw new ItemError("invalid-value", "Not an absolute URL");
  return {
    href: url.href,
    scheme: url.protocol.slice(0, -1),
    username: url.username,
    password: url.password,
    host: url.host,
    hostname: url.hostname,
    port: portOf(url),
    path: url.pathname,
    query: url.search.slice(1),
    parameters: parametersOf(parametersIn(url.search)),
    fragment: url.hash.slice(1),
    origin: url.origin === "null" ? null : url.origin,
  };
}

/** All operations on URLs. */
export const urlOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "url_parse",
    summary:
      "The parts of an absolute URL of at most 8,192 characters, and the parameters of its query by name",
    price: PRICE,
    parameters: {},
    example: {
      input: ["https://ada@Example.com:8443/a/b?q=x%20y&tag=1&tag=2#top"],
      output: [
        {
          href: "https://ada@example.com:8443/a/b?q=x%20y&tag=1&tag=2#top",
          scheme: "https",
          username: "ada",
          password: "",
          host: "example.com:8443",
          hostname: "example.com",
          port: 8443,
          path: "/a/b",
          query: "q=x%20y&tag=1&tag=2",
          parameters: { q: "x y", tag: ["1", "2"] },
          fragment: "top",
          origin: "https://example.com:8443",
        },
      ],
    },
    make: () => parseUrl,
  }),
  textOperation({
    name: "query_parse",
    summary:
      "The parameters of a query by name, as forms write it; a repeated name has a list; at most 10,000",
    price: PRICE,
    parameters: {},
    example: {
      input: ["?q=x+y&tag=1&tag=2&flag"],
      output: [{ q: "x y", tag: ["1", "2"], flag: "" }],
    },
    make: () => (text) => {
      utf8(text);
      return parametersOf(parametersIn(text));
    },
  }),
];
