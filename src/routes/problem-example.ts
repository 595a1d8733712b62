// Refusals as the examples of the documentation show them.
import { problems, type ProblemCode } from "../http/problem";
import type { Example } from "../http/route-docs";

/** The reply of a refusal. `members` stand in it besides the usual ones. */
export function problemExample(
  code: ProblemCode,
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
): Example["reply"] {
  const { status, title } = problems[code];
  const type = `https://api.example/problems/${code}`;
  const request_id = "5f2c1f0e-6c0f-4f0e-9d1c-3f6f0a3f7b11";
  return { status, body: { type, title, status, detail, code, request_id, ...members } };
}
