// A refusal by the Worker, as the client throws it.
import type { Fault, ProblemCode } from "./wire";

/** A problem document (RFC 9457). Some problems carry further members, such as `results`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `unexpected-reply` where something else than the Worker answered, or it answered no JSON. */
  readonly code: ProblemCode | "unexpected-reply";
  readonly request_id: string;
  readonly errors?: readonly Fault[];
  readonly [extension: string]: unknown;
}

const MAX_FAULTS_IN_MESSAGE = 3;

/** The one error for everything that was refused. A network that fails throws what `fetch` throws. */
export class SerentakError extends Error {
  override readonly name = "SerentakError";
  readonly problem: Problem;
  readonly status: number;
  readonly code: Problem["code"];
  /** What is wrong with the body, and where; empty for other refusals. */
  readonly errors: readonly Fault[];
  /** To be named to whoever runs the Worker: its log has it. */
  readonly requestId: string;
  /** When a repeat may succeed, in seconds, or null where the Worker does not say. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(describe(problem));
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

function describe({ code, status, detail, errors = [] }: Problem): string {
  const faults = errors
    .slice(0, MAX_FAULTS_IN_MESSAGE)
    // A sentence that asks ends already.
    .map((fault) => ` ${fault.pointer}: ${fault.detail.replace(/[^.?!]$/, "$&.")}`);
  return `${code} (${status}): ${detail}${faults.join("")}`;
}
