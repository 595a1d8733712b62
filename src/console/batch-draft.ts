// A batch while it is put together, and what is sent for it.
import type { NewBatch, OperationInfo } from "../client";
import { formatItems, type ItemsText, parseItems } from "./items";
import type { Sent } from "./parts/sent-code";
import { toCode } from "./snippets";
import { createStep, type StepDraft, toOperation } from "./steps";

/** What is done with each item: operations on it, or an endpoint of the Worker. */
export type BatchKind = "operations" | "users" | "tasks" | "external-api";

/** The form as it is filled in. Empty texts leave a limit to the Worker. */
export interface BatchDraft {
  readonly kind: BatchKind;
  readonly steps: readonly StepDraft[];
  readonly items: ItemsText;
  /** In place of the items. */
  readonly file: File | null;
  readonly concurrency: string;
  readonly maxAttempts: string;
  readonly stopAfterFailures: string;
  readonly notify: string;
}

const FIRST_SAMPLES = 200;

/** Something that takes a moment and works without any network: calls of the Worker itself. */
export function emptyBatch(): BatchDraft {
  return {
    kind: "external-api",
    steps: [createStep("titlecase")],
    items: sampleItems("external-api", FIRST_SAMPLES),
    file: null,
    concurrency: "",
    maxAttempts: "",
    stopAfterFailures: "",
    notify: "",
  };
}

/** So many items that fit a kind of batch. */
export function sampleItems(kind: BatchKind, length: number): ItemsText {
  return formatItems(Array.from({ length }, (_, index) => SAMPLES[kind](index + 1)));
}

const SAMPLES: Record<BatchKind, (number: number) => unknown> = {
  operations: (number) => `  item number ${number} `,
  users: (number) => ({ name: `Person ${number}`, email: `person-${number}@example.com` }),
  tasks: (number) => ({ title: `Task ${number}`, priority: "low" }),
  "external-api": (number) => `${location.origin}/health?item=${number}`,
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
  const follow = `for await (const { succeeded, failed, total } of batch.progress()) {
  console.log(succeeded + failed, "of", total);
}`;
  if (!("file" in batch)) {
    return {
      call: { method: "POST", path: "/batch-process", body: batch },
      code: `const batch = await client.batch(${toCode(batch)});\n${follow}`,
    };
  }
  const { file: _, ...rest } = batch;
  const name =
    typeof batch.operation === "string" ? batch.operation : JSON.stringify(batch.operation);
  return {
    call: {
      method: "POST",
      path: `/batch-process?operation=${encodeURIComponent(name)}`,
      body: "@FILE",
      headers: { "Content-Type": "application/x-ndjson" },
    },
    code: `const batch = await client.batch({ ...${toCode(rest)}, file });\n${follow}`,
  };
}
