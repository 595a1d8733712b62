// Puts what a reference (`$ref`) within the document means in its place, which is all that our own document
// needs: it refers to no other file.

/**
 * @param {object} document an OpenAPI document
 * @returns {Promise<object>} the same without references; where one leads back to itself it is left out
 */
export default function resolveReferences(document) {
  return Promise.resolve(resolve(document, document, []));
}

function resolve(value, document, within) {
  if (Array.isArray(value)) return value.map((entry) => resolve(entry, document, within));
  if (typeof value !== "object" || value === null) return value;
  const { $ref: reference, ...others } = value;
  if (typeof reference !== "string")
    return mapValues(value, (entry) => resolve(entry, document, within));
  if (within.includes(reference)) return {};
  const target = resolve(find(document, reference), document, [...within, reference]);
  return { ...target, ...mapValues(others, (entry) => resolve(entry, document, within)) };
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}

/** RFC 6901, in the form of a fragment. */
function find(document, reference) {
  const names = reference.slice("#/".length).split("/");
  return names.reduce(
    (part, name) => part?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")],
    document,
  );
}
