// Webhooks in the form of OpenAPI: schemas and examples come from the very code that sends.
import * as v from "valibot";
import { announceEnd, BatchEventData } from "../domain/batches/announce-end";
import { createChannel } from "../domain/notifications/channels";
import { toPayload } from "../domain/notifications/deliver";
import {
  DisabledEventData,
  FailureEventData,
  TestEventData,
} from "../domain/notifications/event-data";
import {
  createEvent,
  EVENT_TYPES,
  type DomainEvent,
  type EventType,
} from "../domain/notifications/events";
import { eventOf } from "../domain/records/announce";
import { DeletionEventData, TaskEventData, UserEventData } from "../domain/records/event-data";
import type { StoredRecord } from "../domain/records/record";
import { CreateTask, createTask } from "../domain/records/tasks";
import { CreateUser, createUser } from "../domain/records/users";
import { emailOf } from "../domain/email/email-address";
import type { ConvertedSchemas, Nouns } from "./openapi-schemas";

type Part = Readonly<Record<string, unknown>>;

const timestamp = v.pipe(v.string(), v.isoTimestamp(), v.description("Of the event."));
const payload = <const Data extends v.GenericSchema>(data: Data) =>
  v.strictObject({ type: v.picklist(EVENT_TYPES), timestamp, data });

/** The payloads by the names that they have in `#/components/schemas`. */
export const payloads = {
  TaskEvent: payload(TaskEventData),
  UserEvent: payload(UserEventData),
  DeletionEvent: payload(DeletionEventData),
  BatchEvent: payload(BatchEventData),
  ChannelDisabledEvent: payload(DisabledEventData),
  ChannelTestEvent: payload(TestEventData),
  NotificationFailedEvent: payload(FailureEventData),
} as const satisfies Nouns;

/** The payload of each event. */
export const payloadOf: Readonly<Record<EventType, keyof typeof payloads>> = {
  "task.created": "TaskEvent",
  "task.updated": "TaskEvent",
  "task.due": "TaskEvent",
  "task.deleted": "DeletionEvent",
  "user.created": "UserEvent",
  "user.confirmed": "UserEvent",
  "user.updated": "UserEvent",
  "user.deleted": "DeletionEvent",
  "batch.completed": "BatchEvent",
  "channel.disabled": "ChannelDisabledEvent",
  "channel.test": "ChannelTestEvent",
  "notification.failed": "NotificationFailedEvent",
};

const SUMMARIES: Readonly<Record<EventType, string>> = {
  "task.created": "A task was filed",
  "task.updated": "A task was changed; `changed` has the fields with their values before",
  "task.due": "The time of an unfinished task has come",
  "task.deleted": "A task was deleted, and what was told of it is forgotten",
  "user.created": "Somebody signed up",
  "user.confirmed": "Somebody confirmed the address of a sign-up",
  "user.updated": "A user was changed; `changed` has the fields with their values before",
  "user.deleted": "A user was deleted, and what was told of them is forgotten",
  "batch.completed": "A run of a batch is over",
  "channel.disabled": "A receiver has ended its channel; for channels with `alerts`",
  "channel.test": "Somebody wanted to see whether it arrives",
  "notification.failed": "A notification has used up its schedule; for channels with `alerts`",
};

const DESCRIPTION = `Signed by the Standard Webhooks specification: \`webhook-signature\` is the HMAC-SHA256 of \`<webhook-id>.<webhook-timestamp>.<body>\` under the secret's bytes, in base64 after \`v1,\`; while a secret is replaced there are two, parted by a space. Answer with any 2xx. 410 disables the channel; 429, and 503 with \`Retry-After\`, make it wait and use up no attempt. Anything else is tried again, up to ten times over three days. A message may come twice: its \`webhook-id\` tells. Of one record they come in order while all is well; \`data.version\` orders the rest.`;

const HEADERS = [
  ["webhook-id", "Of the event: the same at each attempt and on every channel.", "string"],
  ["webhook-timestamp", "Of the attempt, in seconds since 1970 UTC.", "integer"],
  ["webhook-signature", "`v1,` and base64; several are parted by spaces.", "string"],
] as const;

/** `webhooks` of the document. */
export function describeWebhooks(schemas: ConvertedSchemas): Readonly<Record<string, Part>> {
  return Object.fromEntries(
    EVENT_TYPES.map((type) => [type, { post: toOperation(type, schemas) }]),
  );
}

function toOperation(type: EventType, schemas: ConvertedSchemas): Part {
  const schema = {
    allOf: [schemas.refTo(payloads[payloadOf[type]])],
    properties: { type: { const: type } },
  };
  const example: unknown = JSON.parse(toPayload(examples[type]));
  return {
    operationId: `on-${type}`,
    tags: ["notifications"],
    summary: SUMMARIES[type],
    description: DESCRIPTION,
    parameters: HEADERS.map(([name, description, kind]) => ({
      name,
      in: "header",
      required: true,
      description,
      schema: { type: kind },
    })),
    requestBody: {
      required: true,
      content: { "application/json": { schema, examples: { [type]: { value: example } } } },
    },
    responses: {
      "2XX": { description: "It has arrived." },
      410: { description: "The channel is disabled." },
      429: { description: "The channel waits, for as long as `Retry-After` says." },
      default: { description: "It is tried again." },
    },
    security: [],
  };
}

const TASK_ID = "01935a20-1b2c-7d3e-8f40-5a6b7c8d9e0f";
const USER_ID = "01935a20-0a1b-7c2d-8e3f-4a5b6c7d8e9f";
const BATCH_ID = "7d9f4c1e-2b3a-4c5d-8e6f-9a0b1c2d3e4f";
const EVENT_ID = "01935a20-1b2d-7d3e-8f40-5a6b7c8d9e10";
const NOW = Date.UTC(2026, 10, 22, 9, 30);
const deps = { channels: new Map(), newId: () => EVENT_ID, now: NOW };

const task: StoredRecord = {
  kind: "task",
  value: createTask(
    v.parse(CreateTask, {
      title: "Call Ada",
      description: "About the engine.",
      priority: "high",
      due_at: "2026-11-30T16:00:00Z",
      metadata: { room: "7" },
    }),
    { id: TASK_ID, now: NOW },
  ),
};
const begun: StoredRecord = {
  kind: "task",
  value: { ...task.value, status: "in_progress", version: 2 },
};
const user: StoredRecord = {
  kind: "user",
  value: createUser(
    v.parse(CreateUser, { name: "Ada Lovelace", email: "ada@example.com" }),
    emailOf("ada@example.com"),
    { verdict: "deliverable", reason: "mail-server-found" },
    { id: USER_ID, now: NOW },
  ),
};
const renamed: StoredRecord = {
  kind: "user",
  value: { ...user.value, name: "Ada King", version: 2 },
};

/** An event of each type, made as those that are sent. */
export const examples: Readonly<Record<EventType, DomainEvent>> = {
  "task.created": eventOf("task.created", task, null, deps),
  "task.updated": eventOf("task.updated", begun, task, deps),
  "task.due": eventOf("task.due", begun, null, deps),
  "task.deleted": eventOf("task.deleted", begun, null, deps),
  "user.created": eventOf("user.created", user, null, deps),
  "user.confirmed": eventOf("user.confirmed", user, null, deps),
  "user.updated": eventOf("user.updated", renamed, user, deps),
  "user.deleted": eventOf("user.deleted", renamed, null, deps),
  "batch.completed": endOfBatch(),
  "channel.disabled": ofChannel("channel.disabled", {
    id: "ops",
    channel: "ops",
    reason: "The receiver answered 410.",
    http_status: 410,
    waiting: 3,
  } satisfies DisabledEventData),
  "channel.test": ofChannel("channel.test", { id: "ops", channel: "ops" } satisfies TestEventData),
  "notification.failed": ofChannel("notification.failed", {
    id: `${TASK_ID}.ops`,
    event_id: TASK_ID,
    channel: "ops",
    event: "task.created",
    record_id: TASK_ID,
    attempts: 10,
    http_status: 500,
    error: { code: "http-status", detail: "The receiver answered 500." },
  } satisfies FailureEventData),
};

function ofChannel(type: EventType, data: DomainEvent["data"]): DomainEvent {
  return createEvent({ id: EVENT_ID, type, recordId: "ops", data }, NOW);
}

function endOfBatch(): DomainEvent {
  const ops = createChannel(
    "ops",
    { type: "ntfy", url: "https://ntfy.example/ops", events: ["batch.completed"] },
    { secret: () => undefined, mailFrom: null },
  );
  const work = {
    kind: "batch" as const,
    id: BATCH_ID,
    createdAt: NOW,
    operation: "uppercase",
    options: { concurrency: 6 },
    origin: "https://api.example",
    hasToken: true,
    notify: [],
  };
  const counts = { total: 3, succeeded: 2, failed: 1 };
  const ended = { label: "Names", run: 1, status: "completed" as const, reason: null };
  const summary = { operation: "uppercase", ...ended, ...counts };
  const announced = announceEnd(work, summary, { ...deps, channels: new Map([["ops", ops]]) });
  if (announced === undefined) throw new TypeError("The channel wants to hear of it");
  return announced.event;
}
