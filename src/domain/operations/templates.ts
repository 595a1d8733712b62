// The operation that fills templates in Mustache's language. The library parses; rendering is our own, since the
// library calls functions that it finds on prototypes, and has no bound on work: three sections in each other
// over a list of a thousand render a billion times.
import mustache from "mustache";
import { escapeUTF8 } from "entities/escape";
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { ItemError, overChars } from "./errors";
import { MAX_TEXT_CHARS } from "./limits";
import { itemOperation, type OperationDefinition, type Run } from "./operation";

const MAX_TEMPLATE_CHARS = 10_000;
/** Work of rendering one token, or a section once more. */
const WORK_PER_TOKEN = 100;
/** Work of a value that a name is looked up in, and of a part of a name with dots. */
const WORK_PER_LOOK = 10;
/** Work of rendering one item, at most, so that none takes what is meant for all. */
const MAX_ITEM_WORK = 100_000_000;

/** Parts of a text that are joined at a time. */
const JOINED_PARTS = 512;

/** A token: its kind, its name or text, the parts of the name, and the tokens inside a section. */
interface Token {
  readonly kind: string;
  readonly value: string;
  readonly path: readonly string[];
  readonly inner: readonly Token[];
}

/** Parses a template. Throws an Error with a short message for a broken one. */
function parse(template: string): Token[] {
  const writer = new mustache.Writer();
  // Its cache would keep every template for ever.
  Object.assign(writer, { templateCache: undefined });
  return toTokens(writer.parse(template));
}

function toTokens(spans: unknown): Token[] {
  if (!Array.isArray(spans)) return [];
  return spans.map(([kind, value, , , inner]: unknown[]) => ({
    kind: String(kind),
    value: String(value),
    // Split once: a long name may be rendered for each element of a long list.
    path: kind === "text" || value === "." ? [] : String(value).split("."),
    inner: toTokens(inner),
  }));
}

function faultOf({ template }: { readonly template: string }) {
  try {
    const hasPartial = (tokens: readonly Token[]): boolean =>
      tokens.some(({ kind, inner }) => kind === ">" || hasPartial(inner));
    if (!hasPartial(parse(template))) return undefined;
    return { parameter: "template", message: "A template has no partials" };
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 100) : "broken";
    return { parameter: "template", message: `Not Mustache: ${why}` };
  }
}

/** The values that names are looked up in, the innermost first. */
interface Context {
  readonly view: unknown;
  readonly outer: Context | null;
}

const has = (view: unknown, name: string): view is Readonly<Record<string, unknown>> =>
  typeof view === "object" && view !== null && Object.hasOwn(view, name);

function toText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Renders tokens, counting work and characters. */
class Renderer {
  /** Parts that were joined, and those that are not: appended to each other, each would be an object of its own. */
  readonly #texts: string[] = [];
  #parts: string[] = [];
  #chars = 0;
  #work = 0;
  readonly #escape: (text: string) => string;
  readonly #run: Run;

  constructor(escape: (text: string) => string, run: Run) {
    this.#escape = escape;
    this.#run = run;
  }

  render(tokens: readonly Token[], view: unknown): string {
    this.#renderAll(tokens, { view, outer: null });
    return [...this.#texts, ...this.#parts].join("");
  }

  #renderAll(tokens: readonly Token[], context: Context): void {
    this.#spend(WORK_PER_TOKEN);
    for (const { kind, value, path, inner } of tokens) {
      this.#spend(WORK_PER_TOKEN);
      if (kind === "text") this.#put(value);
      else if (kind === "name") this.#put(this.#escape(toText(this.#lookUp(path, context))));
      else if (kind === "&") this.#put(toText(this.#lookUp(path, context)));
      else if (kind === "#") this.#section(inner, this.#lookUp(path, context), context);
      else if (kind === "^" && isEmpty(this.#lookUp(path, context)))
        this.#renderAll(inner, context);
    }
  }

  /** The value of a name: its first part from the nearest value that has it, the others from within that. */
  #lookUp(path: readonly string[], context: Context): unknown {
    const [first] = path;
    if (first === undefined) return context.view;
    let nearest: Context | null = context;
    for (; nearest !== null && !has(nearest.view, first); nearest = nearest.outer)
      this.#spend(WORK_PER_LOOK);
    let value = nearest?.view;
    for (const part of path) {
      if (!has(value, part)) return undefined;
      this.#spend(WORK_PER_LOOK);
      value = value[part];
    }
    return value;
  }

  #section(tokens: readonly Token[], value: unknown, outer: Context): void {
    if (isEmpty(value)) return;
    if (Array.isArray(value)) for (const view of value) this.#renderAll(tokens, { view, outer });
    else this.#renderAll(tokens, value === true ? outer : { view: value, outer });
  }

  #put(text: string): void {
    this.#chars += text.length;
    if (this.#chars > MAX_TEXT_CHARS) throw overChars("The text", MAX_TEXT_CHARS);
    this.#spend(text.length);
    if (this.#parts.push(text) < JOINED_PARTS) return;
    this.#texts.push(this.#parts.join(""));
    this.#parts = [];
  }

  #spend(units: number): void {
    this.#work += units;
    if (this.#work > MAX_ITEM_WORK)
      throw new ItemError("too-large", "The template takes too much work on this item");
    this.#run.spend(units);
  }
}

/** True for what a section does not render, and an inverted one does. */
const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.length === 0);

/** All operations with templates. */
export const templateOperations: readonly OperationDefinition[] = [
  itemOperation({
    name: "template",
    summary: "A Mustache template filled with the item; `{{.}}` is the item itself",
    price: {
      per_item: 300,
      per_character: 1,
      metered: `${WORK_PER_TOKEN} for each token that is rendered, ${WORK_PER_LOOK} for each value that its name is looked up in, 1 for each character written`,
    },
    parameters: {
      template: v.pipe(v.string(), maxCharacters(MAX_TEMPLATE_CHARS)),
      escape: v.optional(
        v.pipe(
          v.literal("html"),
          v.description(
            "Characters that HTML knows are escaped in `{{name}}`, not in `{{{name}}}`.",
          ),
        ),
      ),
    },
    check: faultOf,
    example: {
      parameters: { template: "Hello {{name}}{{#tags}}, {{.}}{{/tags}}!" },
      input: [{ name: "Ada", tags: ["poet", "engineer"] }],
      output: ["Hello Ada, poet, engineer!"],
    },
    make: ({ template, escape }) => {
      const tokens = parse(template);
      const escaping = escape === "html" ? escapeUTF8 : (text: string) => text;
      return (item, run) => new Renderer(escaping, run).render(tokens, item);
    },
  }),
];
