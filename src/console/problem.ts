// Refusals as the page shows them.
import { type Problem, SerentakError } from "../client";

export type { Problem };

/** What the page says when nothing answered at all. */
const UNREACHABLE: Problem = {
  type: "",
  title: "The Worker cannot be reached",
  status: 0,
  detail: "Nothing answered. Is it still running, and is this device online?",
  code: "unexpected-reply",
  request_id: "",
};

/** Why work failed, or null where the fault is the page's own and belongs on the console. */
export function toProblem(error: unknown): Problem | null {
  if (error instanceof SerentakError) return error.problem;
  // What `fetch` throws when there is no answer; the client adds nothing to it.
  return error instanceof TypeError && /fetch|network/i.test(error.message) ? UNREACHABLE : null;
}

/** What is wrong at one place of the body, e.g. `#/email`. */
export function faultsAt(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer)
    .map(({ detail }) => detail);
}
