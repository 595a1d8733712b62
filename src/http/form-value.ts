// Turns the fields of a form into the value that its route takes as JSON: types by the schema, and whatever the
// schema does not name as metadata.
import type * as v from "valibot";
import { unwrapSchema } from "../lib/unwrap-schema";
import type { FormField } from "./form-fields";

/** The field of a body that takes what the schema does not name. */
export const METADATA = "metadata";

/** Other names of a schema's fields; see `FormRules`. */
type Aliases = Readonly<Record<string, string>>;

/** All fields of one name. */
interface Group {
  readonly name: string;
  readonly texts: readonly string[];
  readonly isFilled: boolean;
}

/** The value that stands for a form, and the names in the form of the schema's fields. */
export interface FormValue {
  readonly value: Readonly<Record<string, unknown>>;
  readonly sources: ReadonlyMap<string, string>;
}

/** The value that stands for the fields of a form. Never refuses: what does not fit, the schema finds. */
export function toBody(
  fields: readonly FormField[],
  aliases: Aliases,
  schema: v.GenericSchema,
): FormValue {
  const known = fieldsOf(schema);
  const groups = groupsOf(fields);
  const body = new Map<string, unknown>();
  const metadata = new Map<string, unknown>();
  const sources = new Map<string, string>();
  for (const group of groups.values()) {
    const { name, texts, isFilled } = group;
    const target = targetOf(name, aliases, groups);
    const field = known.get(target);
    if (field === undefined) {
      if (isFilled) metadata.set(name, texts.length === 1 ? texts[0] : texts);
    } else if (isFilled || (!isOptional(field) && !body.has(target))) {
      body.set(target, toValue(texts, unwrapSchema(field)));
      sources.set(target, name);
    }
  }
  if (metadata.size > 0 && !body.has(METADATA)) body.set(METADATA, Object.fromEntries(metadata));
  return { value: Object.fromEntries(body), sources };
}

/** The fields by name, in the order of the form. Line breaks are LF, as on the page. */
function groupsOf(fields: readonly FormField[]): ReadonlyMap<string, Group> {
  const byName = Map.groupBy(fields, ([name]) => name);
  return new Map(
    Array.from(byName, ([name, group]) => {
      const texts = group.map(([, text]) => text.replaceAll(/\r\n?/g, "\n"));
      return [name, { name, texts, isFilled: texts.some((text) => text.trim() !== "") }];
    }),
  );
}

/** The field that a name stands for: an alias stands for itself if its field is filled in too. */
function targetOf(name: string, aliases: Aliases, groups: ReadonlyMap<string, Group>): string {
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return alias === undefined || groups.get(alias)?.isFilled === true ? name : alias;
}

/** The fields of an object's schema by name. */
function fieldsOf(schema: v.GenericSchema): ReadonlyMap<string, v.GenericSchema> {
  // The schema of every body that a form can stand for is an object of fields.
  const entries = "entries" in schema ? (schema.entries as Record<string, v.GenericSchema>) : {};
  return new Map(Object.entries(entries));
}

function isOptional({ type }: v.GenericSchema): boolean {
  return type === "optional" || type === "exact_optional";
}

/** The texts of one field as the schema expects them; unreadable ones as they are, for it to refuse. */
function toValue(texts: readonly string[], { type }: v.GenericSchema): unknown {
  if (type === "array") return texts.filter((text) => text.trim() !== "");
  const [text = ""] = texts;
  if (texts.length > 1) return texts;
  return type === "number" && /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : text;
}
