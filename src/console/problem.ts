// Refusals as the page shows them.
import { type Fault, type Problem, SerentakError } from "../client";

export type { Problem };

const NO_REPLY = { type: "", status: 0, code: "unexpected-reply", request_id: "" } as const;

/** What browsers say when there is no answer: the client adds nothing to it. */
const NO_ANSWER = /fetch|network|load failed|broke off/i;

/** Why work failed, in the form of the Worker's own refusals. */
export function toProblem(error: unknown): Problem {
  if (error instanceof SerentakError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError && NO_ANSWER.test(message)) {
    const detail = "Nothing answered. Is it still running, and is this device online?";
    return { ...NO_REPLY, title: "The Worker cannot be reached", detail };
  }
  return { ...NO_REPLY, title: "This page failed", detail: message };
}

/** What is wrong at one place of the body, e.g. `#/email`. */
export function faultsAt(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer)
    .map(({ detail }) => detail);
}

/** What is wrong at one place and within it, each with where it is, e.g. for `#/notify/2`. */
export function faultsWithin(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))
    .map((fault) => (fault.pointer === pointer ? fault.detail : toSentence(fault)));
}

/** A fault with its place, as people count. */
function toSentence({ pointer, detail }: Fault): string {
  return `${placeOf(pointer)}: ${detail}`;
}

/** What the elements of a list are called. */
const ELEMENTS: Readonly<Record<string, string>> = {
  items: "Item",
  notify: "Channel",
  operation: "Step",
  urls: "URL",
  requests: "URL",
};

/** A JSON Pointer as people say it, counted from 1: `#/items/3/email` is `Item 4, email`. */
export function placeOf(pointer: string): string {
  const keys = decodeURIComponent(pointer)
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [list = "", index = "", ...rest] = keys;
  const element = ELEMENTS[list];
  if (element === undefined || !/^\d+$/.test(index)) return keys.join(", ") || "The body";
  return [`${element} ${Number(index) + 1}`, ...rest].join(", ");
}
