// Checks the form that every refusal must have.
import * as v from "valibot";
import type { ExpectStatic } from "vitest";
import { problems, type ProblemCode } from "../../src/http/problem";

const Problem = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.pipe(v.string(), v.minLength(1)),
  code: v.string(),
  request_id: v.string(),
  quota: v.optional(v.string()),
  errors: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          pointer: v.pipe(v.string(), v.startsWith("#")),
          line: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
          detail: v.string(),
        }),
      ),
      v.maxLength(100),
    ),
  ),
});

/** Expects a problem document with this code, and returns it. */
export async function expectProblem(
  expect: ExpectStatic,
  response: Response,
  code: ProblemCode,
): Promise<v.InferOutput<typeof Problem>> {
  const text = await response.text();
  expect(text, `status ${response.status}`).toContain(`"code":"${code}"`);
  const { status, title } = problems[code];
  expect(response.status).toBe(status);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = v.parse(Problem, JSON.parse(text));
  expect(problem).toMatchObject({ status, title, code });
  expect(new URL(problem.type).pathname).toBe(`/problems/${code}`);
  expect(problem.request_id).toBe(response.headers.get("Request-Id"));
  return problem;
}
