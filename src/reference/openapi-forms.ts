// Describes forms: the fields in which a route takes its body, and what a browser gets in reply.
import type { JsonSchema } from "@valibot/to-json-schema";
import { FORM_TYPES, MAX_FORM_FIELDS } from "../http/form-fields";
import type { FormRules } from "../http/form";
import { MAX_NEXT_CHARACTERS } from "../http/next-page";
import { MAX_TOKEN_CHARACTERS } from "../http/turnstile";
import { MAX_BODY_BYTES } from "../domain/platform";
import type { OtherReply } from "../http/route";

type Part = Readonly<Record<string, unknown>>;

/** The reply to every form that is accepted. */
export const ACCEPTED_FORM: OtherReply = { status: 303, headers: ["Location"] };

/** The description of that reply. */
export const ACCEPTED_FORM_DESCRIPTION =
  "A form was accepted: `Location` is its `_next`, if that is on our origin or a listed one, or else `/thanks`.";

/** The content of a refusal that is a page. */
export const REFUSED_FORM_CONTENT: Part = {
  "text/html": {
    schema: {
      type: "string",
      description: "For a form with `text/html` in `Accept`: names each field at fault.",
    },
  },
};

/** The body in the media types of forms; `schema` is that of the same body in JSON. */
export function formContent({ aliases }: FormRules, schema: JsonSchema): [string, Part][] {
  const replaced = new Set(Object.values(aliases));
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).filter(([name]) => name !== "metadata"),
  );
  const form = {
    type: "object",
    description: `At most ${MAX_FORM_FIELDS} fields. Any other field becomes a member of \`metadata\`, a repeated one a list; an empty optional field counts as absent. Files are refused.`,
    required: schema.required?.filter((name) => !replaced.has(name)),
    properties: {
      ...properties,
      ...Object.fromEntries(
        Object.entries(aliases).map(([alias, name]) => [alias, standsFor(name, properties[name])]),
      ),
      _next: {
        type: "string",
        maxLength: MAX_NEXT_CHARACTERS,
        description:
          "Where to go then: an address on an origin that ALLOWED_ORIGINS lists (other than by `*`), or a path of the page's own.",
      },
      _gotcha: {
        type: "string",
        maxLength: MAX_BODY_BYTES,
        description: "A field that people do not see. Filled in, nothing is kept.",
      },
      "cf-turnstile-response": {
        type: "string",
        maxLength: MAX_TOKEN_CHARACTERS,
        description: "As the header `Turnstile-Token`.",
      },
    },
    additionalProperties: true,
    maxProperties: MAX_FORM_FIELDS,
  };
  return FORM_TYPES.map((type) => [type, { schema: form }]);
}

function standsFor(name: string, field: unknown): Part {
  return { ...Object(field), description: `Stands for \`${name}\`, if that is not filled in.` };
}
