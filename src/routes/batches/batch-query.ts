// Query parameters of POST /batch-process with NDJSON and CSV, whose body holds only items.
import * as v from "valibot";
import { BatchOptions } from "../../domain/batches/batch-options";
import { BatchLabel } from "../../domain/batches/batch";
import { Metadata } from "../../domain/records/metadata";
import { BatchOperation } from "../../domain/batches/batch-operations";
import { isImportKind } from "../../domain/batches/import-items";
import { CSV } from "../../domain/batches/upload-records";
import type { Dialect } from "../../domain/batches/upload-records";
import { inspectJson } from "../../domain/inspect-json";
import { SummaryOperation } from "../../domain/batches/output-summary";
import { loadOperations, type OperationSource } from "../../domain/operations";
import { MAX_NAMED_CHANNELS } from "../../domain/platform";
import { HttpError } from "../../http/problem";
import type { RawBody } from "../../http/raw-body";
import { CSV_DELIMITERS, type CsvDelimiter } from "../../lib/csv-reader";
import { maxCharacters } from "../../lib/max-characters";
import { textReader } from "../../lib/text-reader";

const MAX_JSON_CHARACTERS = 10_000;
const DELIMITERS: Readonly<Record<string, CsvDelimiter>> = {
  ...Object.fromEntries(CSV_DELIMITERS.map((delimiter) => [delimiter, delimiter])),
  tab: "\t",
};

type OptionName = keyof typeof BatchOptions.entries;
type OptionParameter = v.OptionalSchema<v.GenericSchema<string, unknown>, undefined>;

/** Options, each as a parameter of its own. Cast, since `fromEntries` forgets the names. */
const optionParameters = Object.fromEntries(
  Object.entries(BatchOptions.entries).map(([name, { wrapped }]) => [
    name,
    // Without a default here: a parameter that is not given gets the option's own.
    v.optional(v.pipe(v.string(), v.transform(textReader(wrapped).read), wrapped)),
  ]),
) as unknown as Readonly<Record<OptionName, OptionParameter>>;

/** Query parameters with NDJSON and CSV. */
export const BatchQuery = v.object({
  operation: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_JSON_CHARACTERS, "too long"),
      v.description("For NDJSON and CSV: a name, or an operation as JSON."),
    ),
  ),
  notify: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(2000, "too long"),
      v.transform((text) => text.split(",").filter((name) => name !== "")),
      v.maxLength(MAX_NAMED_CHANNELS, `more than ${MAX_NAMED_CHANNELS} channels`),
      v.description("For NDJSON and CSV: channels, separated by commas."),
    ),
    "",
  ),
  ...optionParameters,
  then: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_JSON_CHARACTERS, "too long"),
      v.description("For NDJSON and CSV: a summary operation, a name or as JSON."),
    ),
  ),
  label: v.optional(BatchLabel),
  metadata: v.optional(
    v.pipe(v.string(), maxCharacters(MAX_JSON_CHARACTERS, "too long"), v.description("As JSON.")),
  ),
  delimiter: v.optional(
    v.pipe(
      v.string(),
      v.picklist(Object.keys(DELIMITERS), "one of , ; tab |"),
      v.description("For CSV: what separates cells; detected where it is not given."),
    ),
  ),
  header: v.optional(
    v.pipe(
      v.picklist(["present", "absent"], "present or absent"),
      v.description(
        "For CSV: if its first line names the columns. Also a parameter of the media type (RFC 4180).",
      ),
    ),
  ),
  template: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_JSON_CHARACTERS, "too long"),
      v.description(
        "For CSV and `external-api`: the call that each row makes, as JSON whose texts hold `{column}`. In `url` and `path` values are percent-encoded, and none may be a segment `.` or `..`. `{{` is a brace.",
      ),
    ),
  ),
  import: v.optional(
    v.pipe(
      v.picklist(["true", "false"], "true or false"),
      v.description(
        "For NDJSON, with a token: the lines are those of an export of users or tasks, which are kept as they are, with ids, times and versions; no address is checked, and nobody is told.",
      ),
    ),
  ),
});
export type BatchQuery = v.InferOutput<typeof BatchQuery>;

/** A batch whose items come as lines, as far as its query says. */
export interface QueriedBatch {
  readonly operation: BatchOperation;
  readonly options: BatchOptions;
  readonly notify: readonly string[];
  readonly label?: string;
  readonly metadata?: Metadata;
  readonly then?: OperationSource;
  readonly isImport: boolean;
  readonly template: unknown;
  readonly dialect: Pick<Dialect, "delimiter" | "hasHeader">;
}

/**
 * Reads the query of a body of lines.
 *
 * @throws HttpError `malformed-request` for the first parameter that does not fit
 */
export async function readBatchQuery(
  { mediaType, parameters }: Pick<RawBody, "mediaType" | "parameters">,
  query: BatchQuery,
): Promise<QueriedBatch> {
  if (query.operation === undefined) throw refusedParameter("operation", "missing");
  const operation = await readOperation("operation", query.operation, BatchOperation);
  const isImport = query.import === "true";
  if (isImport && (!isImportKind(operation) || mediaType === CSV))
    throw refusedParameter("import", "for NDJSON of users or tasks");
  const ofCsv = (["delimiter", "header", "template"] as const).find((name) => query[name]);
  if (ofCsv !== undefined && mediaType !== CSV) throw refusedParameter(ofCsv, "for CSV alone");
  const template = readTemplate(query.template, operation);
  const given = Object.entries(query).filter(([name]) => Object.hasOwn(BatchOptions.entries, name));
  return {
    operation,
    options: v.parse(BatchOptions, Object.fromEntries(given)),
    notify: query.notify,
    ...(await readExtras(query)),
    isImport,
    template,
    dialect: {
      delimiter: DELIMITERS[query.delimiter ?? ""] ?? null,
      hasHeader: (query.header ?? parameters.get("header")) !== "absent",
    },
  };
}

async function readExtras({ label, metadata, then }: BatchQuery) {
  return {
    ...(label !== undefined && { label }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
    ...(then !== undefined && { then: await readOperation("then", then, SummaryOperation) }),
  };
}

function readMetadata(text: string): Metadata {
  const parsed = v.safeParse(Metadata, parseJson("metadata", text));
  if (parsed.success) return parsed.output;
  throw refusedParameter("metadata", parsed.issues[0].message);
}

function readTemplate(text: string | undefined, operation: unknown): unknown {
  if (text === undefined) return null;
  if (operation !== "external-api") throw refusedParameter("template", "for external-api alone");
  return parseJson("template", text);
}

async function readOperation<Schema extends v.GenericSchema>(
  name: string,
  text: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const written = /^[[{]/.test(text) ? parseJson(name, text) : text;
  await loadOperations(written);
  const parsed = v.safeParse(schema, written);
  if (parsed.success) return parsed.output;
  throw refusedParameter(name, parsed.issues[0].message.replace(/[.?]?$/, ""));
}

function parseJson(name: string, text: string): unknown {
  const { excess, faults } = inspectJson(new TextEncoder().encode(text));
  if (excess !== null) throw refusedParameter(name, excess);
  if (faults[0] !== undefined) throw refusedParameter(name, faults[0].detail);
  try {
    return JSON.parse(text);
  } catch {
    throw refusedParameter(name, "not JSON");
  }
}

function refusedParameter(name: string, why: string): HttpError {
  return new HttpError("malformed-request", `Query parameter "${name}": ${why}.`);
}
