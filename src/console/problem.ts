// Refusals as the page shows them.
import { type Problem, SerentakError } from "../client";

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
