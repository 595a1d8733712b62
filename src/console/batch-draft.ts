// A batch in the form, and its conversion to a request.
import type { NewBatch, OperationInfo } from "../client";
import { startCall } from "../client/batch";
import { queryOf } from "../client/transport";
import { formatItems, type ItemsText, parseItems } from "./items";
import { FileBody, oneLine, type Sent, toCode, Variable } from "./snippets";
import { createStep, type StepDraft, toOperation } from "./steps";

/** Kind of a batch: operations on each item, or an endpoint that each item is sent to. */
export type BatchKind = "operations" | "users" | "tasks" | "external-api";

/** The values of the form. An empty text leaves a limit to the Worker. */
export interface BatchDraft {
  readonly kind: BatchKind;
  readonly steps: readonly StepDraft[];
  readonly items: ItemsText;
  /** True if the items are samples that the user has not edited. */
  readonly areSamples: boolean;
  /** A file sent instead of the items. */
  readonly file: File | null;
  readonly concurrency: string;
  readonly maxAttempts: string;
  readonly stopAfterFailures: string;
  readonly notify: string;
}

const FIRST_SAMPLES = 200;

/** A batch to begin with, which takes a moment and needs no network: it calls the Worker at `origin` itself. */
export function emptyBatch(origin: string): BatchDraft {
  return {
    kind: "external-api",
    steps: [createStep("titlecase")],
    items: sampleItems("external-api", FIRST_SAMPLES, origin),
    areSamples: true,
    file: null,
    concurrency: "",
    maxAttempts: "",
    stopAfterFailures: "",
    notify: "",
  };
}

/** The draft with another kind. Samples are replaced by those of the kind; items that the user typed stay. */
export function withKind(draft: BatchDraft, kind: BatchKind, origin: string): BatchDraft {
  const items = draft.areSamples ? sampleItems(kind, FIRST_SAMPLES, origin) : draft.items;
  return { ...draft, kind, items };
}

/** Makes sample items for a kind of batch. */
export function sampleItems(kind: BatchKind, length: number, origin: string): ItemsText {
  return formatItems(Array.from({ length }, (_, index) => SAMPLES[kind](index + 1, origin)));
}

const SAMPLES: Record<BatchKind, (number: number, origin: string) => unknown> = {
  operations: (number) => `  item number ${number} `,
  users: (number) => ({ name: `Person ${number}`, email: `person-${number}@example.com` }),
  tasks: (number) => ({ title: `Task ${number}`, priority: "low" }),
  "external-api": (number, origin) => `${origin}/health#${number}`,
};

/** Converts the draft for the client, or returns the fault that keeps the items from being parsed. */
export function toNewBatch(
  draft: BatchDraft,
  operations: readonly OperationInfo[],
): NewBatch | { readonly fault: string } {
  const items = draft.file === null ? parseItems(draft.items) : [];
  if ("fault" in items) return items;
  const options = {
    ...limit("concurrency", draft.concurrency),
    ...limit("max_attempts", draft.maxAttempts),
    ...limit("stop_after_failures", draft.stopAfterFailures),
  };
  const notify = draft.notify.split(/[\s,]+/).filter((name) => name !== "");
  return {
    operation: draft.kind === "operations" ? toOperation(draft.steps, operations) : draft.kind,
    ...(Object.keys(options).length > 0 && { options }),
    ...(notify.length > 0 && { notify }),
    ...(draft.file === null ? { items } : { file: draft.file }),
  };
}

function limit(name: string, text: string): Record<string, number> {
  return text === "" ? {} : { [name]: Number(text) };
}

/** Describes the request of a batch for the code samples. A file is named instead of shown. */
export function describeBatch(batch: NewBatch): Sent {
  const { path, query, headers, json, body } = startCall(batch);
  const follow = `for await (const { succeeded, failed, total } of batch.progress()) {
  console.log(succeeded + failed, "of", total);
}`;
  if (!("file" in batch)) {
    const call = { method: "POST", path: path + queryOf(query) } as const;
    return {
      call: { ...call, ...(headers && { headers }), body: json ?? body },
      code: `const batch = await client.batch(${toCode(batch)});\n${follow}`,
    };
  }
  const { file, ...rest } = batch;
  const name = file instanceof File ? file.name : "items.ndjson";
  return {
    call: {
      method: "POST",
      path: path + queryOf(query),
      body: new FileBody(name, "the file that you chose"),
      ...(headers && { headers }),
    },
    code: `// ${oneLine(name)}, as a page gets it from an <input type="file">
const [file] = document.querySelector("input[type=file]").files;
const batch = await client.batch(${toCode({ ...rest, file: new Variable("file") })});
${follow}`,
  };
}
