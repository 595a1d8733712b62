// A refusal by the Worker, as the client throws it.
import type { Fault, ProblemCode } from "./wire";

/** A problem document (RFC 9457). Some problems carry further members, such as `results`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** `unexpected-reply` if a proxy answered in the Worker's place, or the reply was not JSON. */
  readonly code: ProblemCode | "unexpected-reply";
  readonly request_id: string;
  readonly errors?: readonly Fault[];
  readonly [extension: string]: unknown;
}

const MAX_FAULTS_IN_MESSAGE = 3;

/** The error of every refused request. When the network fails, the client throws what `fetch` throws. */
export class SerentakError extends Error {
  override readonly name = "SerentakError";
  readonly problem: Problem;
  readonly status: number;
  readonly code: Problem["code"];
  /** Faults of the request body, each with its place; empty for other refusals. */
  readonly errors: readonly Fault[];
  /** Id of the request in the Worker's log, to be quoted to its operator. */
  readonly requestId: string;
  /** Seconds after which a retry may succeed, or null if the Worker does not say. */
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
    // A detail that ends with a question mark gets no further full stop.
    .map((fault) => ` ${placeOf(fault)}: ${fault.detail.replace(/[^.?!]$/, "$&.")}`);
  return `${code} (${status}): ${detail}${faults.join("")}`;
}

/** The place of a fault: in a file its line, which people find, and the field there. */
function placeOf({ pointer, line }: Fault): string {
  if (line === undefined) return pointer;
  const [, , , ...field] = pointer.split("/");
  return [`line ${line}`, ...field].join(", ");
}
