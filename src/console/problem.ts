// Refusals and faults as the page shows them.
import { type Fault, type Problem, SerentakError } from "../client";

/** The client's type of a refusal. */
export type { Problem };

const NO_REPLY = { type: "", status: 0, code: "unexpected-reply", request_id: "" } as const;

/** Messages of browsers for a failed connection; the client passes them on unchanged. */
const NO_ANSWER = /fetch|network|load failed|broke off/i;

/** Converts any error to a problem, the form of the Worker's refusals. */
export function toProblem(error: unknown): Problem {
  if (error instanceof SerentakError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError && NO_ANSWER.test(message)) {
    const detail = "Nothing answered. Is it still running, and is this device online?";
    return { ...NO_REPLY, title: "The Worker cannot be reached", detail };
  }
  return { ...NO_REPLY, title: "This page failed", detail: message };
}

/** Details of the faults at one pointer, such as `#/email`. */
export function faultsAt(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer)
    .map(({ detail }) => detail);
}

/** Details of the faults at a pointer and below it, each with its place, such as for `#/notify/2`. */
export function faultsWithin(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))
    .map((fault) => (fault.pointer === pointer ? fault.detail : toSentence(fault)));
}

/** A fault as a sentence with its place. */
function toSentence(fault: Fault): string {
  return `${placeOf(fault)}: ${fault.detail}`;
}

/** Names of a list's elements. */
const ELEMENTS: Readonly<Record<string, string>> = {
  items: "Item",
  notify: "Channel",
  operation: "Step",
  urls: "URL",
  requests: "URL",
};

/** A place in words, counted from 1: `#/items/3/email` becomes `Item 4, email`, or `Line 5, email` of a file. */
export function placeOf({ pointer, line }: Pick<Fault, "pointer" | "line">): string {
  const keys = decodeURIComponent(pointer)
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const [list = "", index = "", ...rest] = keys;
  const element = ELEMENTS[list];
  if (element === undefined || !/^\d+$/.test(index)) return keys.join(", ") || "The body";
  const place = line === undefined ? `${element} ${Number(index) + 1}` : `Line ${line}`;
  return [place, ...rest].join(", ");
}
