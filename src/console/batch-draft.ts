// A batch while it is put together, and what is sent for it.
import type { NewBatch, OperationInfo } from "../client";
import { startCall } from "../client/batch";
import { queryOf } from "../client/transport";
import { formatItems, type ItemsText, parseItems } from "./items";
import { FileBody, oneLine, type Sent, toCode, Variable } from "./snippets";
import { createStep, type StepDraft, toOperation } from "./steps";

/** What is done with each item: operations on it, or an endpoint of the Worker. */
export type BatchKind = "operations" | "users" | "tasks" | "external-api";

/** The form as it is filled in. Empty texts leave a limit to the Worker. */
export interface BatchDraft {
  readonly kind: BatchKind;
  readonly steps: readonly StepDraft[];
  readonly items: ItemsText;
  /** Whether the items are samples that nobody has touched. */
  readonly areSamples: boolean;
  /** In place of the items. */
  readonly file: File | null;
  readonly concurrency: string;
  readonly maxAttempts: string;
  readonly stopAfterFailures: string;
  readonly notify: string;
}

const FIRST_SAMPLES = 200;

/** Something that takes a moment and works without any network: calls of the Worker at `origin` itself. */
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

/** The same batch of another kind, with samples of that kind unless the items are somebody's own. */
export function withKind(draft: BatchDraft, kind: BatchKind, origin: string): BatchDraft {
  const items = draft.areSamples ? sampleItems(kind, FIRST_SAMPLES, origin) : draft.items;
  return { ...draft, kind, items };
}

/** So many items that fit a kind of batch. */
export function sampleItems(kind: BatchKind, length: number, origin: string): ItemsText {
  return formatItems(Array.from({ length }, (_, index) => SAMPLES[kind](index + 1, origin)));
}

const SAMPLES: Record<BatchKind, (number: number, origin: string) => unknown> = {
  operations: (number) => `  item number ${number} `,
  users: (number) => ({ name: `Person ${number}`, email: `person-${number}@example.com` }),
  tasks: (number) => ({ title: `Task ${number}`, priority: "low" }),
  "external-api": (number, origin) => `${origin}/health#${number}`,
};

/** The batch as the client takes it, or what keeps the items from being read. */
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

/** The batch as others would send it. A file is named, not shown. */
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
