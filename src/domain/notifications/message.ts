// Events in words, with all that a person needs to know. The services' formats are made of it.
import { lazyPattern } from "../../lib/lazy";
import type { DomainEvent } from "./events";

/** A message for people. Its texts are one line each but for `body`, and hold nothing that turns directions. */
export interface Message {
  readonly subject: string;
  readonly fields: readonly (readonly [label: string, value: string])[];
  readonly body: string | null;
  /** Link to it. */
  readonly link: string | null;
  /** From 1, the least, to 5. */
  readonly priority: 1 | 2 | 3 | 4 | 5;
  /** The address that an answer goes to; null for none. */
  readonly replyTo: string | null;
}

/** Surroundings of a message, besides its event. */
export interface MessageContext {
  /** PUBLIC_URL without a slash at its end, or null: then the address that the Worker was called under. */
  readonly publicUrl: string | null;
  /** The name of a user by the id, where it is known. */
  readonly nameOf: (userId: string) => string | null;
}

type Data = Readonly<Record<string, unknown>>;
type Field = readonly [label: string, value: string];

const PRIORITIES: Readonly<Record<string, Message["priority"]>> = {
  low: 2,
  medium: 3,
  high: 4,
  urgent: 5,
};
const MAX_VALUE_CHARACTERS = 500;
const MAX_FIELDS = 30;

/** The id of the assignee of a task's event, or null. */
export function assigneeOf({ data }: DomainEvent): string | null {
  const { assignee_id } = data;
  return typeof assignee_id === "string" ? assignee_id : null;
}

/** The message that tells of an event. */
export function describe(event: DomainEvent, { publicUrl, nameOf }: MessageContext): Message {
  const base = publicUrl ?? event.origin;
  const [kind = ""] = event.type.split(".");
  const message = DESCRIBERS[kind]?.(event, nameOf) ?? {};
  return {
    subject: event.type,
    fields: [],
    body: null,
    link: base === null ? null : `${base}/#${PANELS[kind] ?? ""}`,
    priority: 3,
    replyTo: null,
    ...message,
  };
}

/** Link to the console's view of an event's subject. */
const PANELS: Readonly<Record<string, string>> = {
  task: "tasks",
  user: "users",
  batch: "batches",
};

type Describe = (event: DomainEvent, nameOf: MessageContext["nameOf"]) => Partial<Message>;

const DESCRIBERS: Readonly<Record<string, Describe>> = {
  task: describeTask,
  user: describeUser,
  batch: describeBatch,
  channel: ({ type, data }) => ({
    subject:
      type === "channel.test"
        ? `A test of the channel ${text(data["channel"])}`
        : `The channel ${text(data["channel"])} was disabled`,
    fields: fieldsOf(data, ["reason", "http_status", "waiting"]),
    priority: type === "channel.test" ? 3 : 5,
  }),
  notification: ({ data }) => ({
    subject: `A message to ${text(data["channel"])} could not be delivered`,
    fields: fieldsOf(data, ["event", "record_id", "attempts", "http_status", "error"]),
    priority: 4,
  }),
};

const CHANGES: Readonly<Record<string, string>> = {
  "task.created": "New task",
  "task.updated": "Task changed",
  "task.due": "Task due",
  "task.deleted": "Task deleted",
  "user.created": "New sign-up",
  "user.confirmed": "Sign-up confirmed",
  "user.updated": "User changed",
  "user.deleted": "User deleted",
};

function describeTask({ type, data }: DomainEvent, nameOf: MessageContext["nameOf"]) {
  const { title, reply_to, description, assignee_id } = data;
  if (type === "task.deleted") return { subject: `Task deleted: ${text(data["id"])}` };
  const assignee: Field[] =
    typeof assignee_id === "string"
      ? [["Assignee", oneLine(nameOf(assignee_id) ?? assignee_id)]]
      : [];
  return {
    subject: `${CHANGES[type]}: ${text(title)}`,
    fields: [
      ...fieldsOf(data, ["priority", "status", "due_at"]),
      ...assignee,
      ...fieldsOf(data, ["reply_to"]),
      ...changesOf(data),
      ...metadataOf(data),
    ].slice(0, MAX_FIELDS),
    body: typeof description === "string" ? paragraphs(description) : null,
    priority: PRIORITIES[String(data["priority"])] ?? 3,
    replyTo: typeof reply_to === "string" ? reply_to : null,
  };
}

function describeUser({ type, data }: DomainEvent) {
  const { name, email } = data;
  if (type === "user.deleted") return { subject: `User deleted: ${text(data["id"])}` };
  return {
    subject: `${CHANGES[type]}: ${text(name)} <${text(email)}>`,
    fields: [
      ...fieldsOf(data, ["name", "email", "age"]),
      ...changesOf(data),
      ...metadataOf(data),
    ].slice(0, MAX_FIELDS),
    replyTo: typeof email === "string" ? email : null,
  };
}

function describeBatch({ data }: DomainEvent) {
  const label = typeof data["label"] === "string" ? ` “${text(data["label"])}”` : "";
  return {
    subject: `Batch${label} ${text(data["status"])}: ${text(data["succeeded"])} of ${text(data["total"])} succeeded, ${text(data["failed"])} failed`,
    fields: fieldsOf(data, ["operation", "reason", "run", "id"]),
  };
}

/** Those of these fields that hold something, labelled. */
function fieldsOf(data: Data, names: readonly string[]): Field[] {
  return names.flatMap((name): Field[] => {
    const value = data[name];
    return value === null || value === undefined ? [] : [[labelOf(name), text(value)]];
  });
}

function changesOf(data: Data): Field[] {
  const { changed } = data;
  return Object.entries(Object(changed)).map(([name, old]) => [
    `${labelOf(name)} before`,
    text(old ?? "–"),
  ]);
}

/** Fields of the caller's own, by their own names. */
function metadataOf(data: Data): Field[] {
  return Object.entries(Object(data["metadata"])).map(([name, value]) => [
    oneLine(name),
    text(value),
  ]);
}

function labelOf(name: string): string {
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ").replace(/ at$/, "");
}

/** Any value in one line. */
function text(value: unknown): string {
  return oneLine(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/**
 * A text in one line of its own: what breaks a line, is invisible, or turns the direction of what is around
 * it, is taken out.
 */
function oneLine(given: string): string {
  const line = given.replaceAll(LINE_BREAKING(), " ").replaceAll(UNSEEN(), "");
  const wellFormed = line.toWellFormed().trim();
  if (wellFormed.length <= MAX_VALUE_CHARACTERS) return wellFormed;
  return `${wellFormed.slice(0, MAX_VALUE_CHARACTERS).toWellFormed()}… (cut)`;
}

/** As `oneLine`, for a text of several lines, which it keeps. */
function paragraphs(given: string): string {
  return given
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map((line) => line.replaceAll(CONTROLS(), " ").replaceAll(UNSEEN(), ""))
    .join("\n")
    .toWellFormed()
    .trim();
}

/** Format characters, among them the direction overrides, but for the joiners that some scripts need. */
const UNSEEN = lazyPattern(String.raw`[^\P{Cf}\u200c\u200d]|[\u115f\u1160\u3164\uffa0]`, "gu");
const LINE_BREAKING = lazyPattern(String.raw`[\p{Cc}\p{Zl}\p{Zp}]+`, "gu");
const CONTROLS = lazyPattern(String.raw`[^\P{Cc}\t]`, "gu");

/** The message in plain text, a line for each field. */
export function toText({ subject, fields, body, link }: Message): string {
  const parts = [
    [subject, ...fields.map(([label, value]) => `${label}: ${value}`)].join("\n"),
    ...(body === null || body === "" ? [] : [body]),
    ...(link === null ? [] : [link]),
  ];
  return parts.join("\n\n");
}

/** A text that has no more than so many characters, and says so where it was cut. */
export function cut(given: string, maxCharacters: number): string {
  const note = "… (cut)";
  if (given.length <= maxCharacters) return given;
  return (
    given
      .slice(0, maxCharacters - note.length)
      .toWellFormed()
      .replace(/\ufffd$/, "") + note
  );
}
