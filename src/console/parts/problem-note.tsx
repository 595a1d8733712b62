// Shows a refusal.
import type { VNode } from "preact";
import { placeOf, type Problem } from "../problem";
import { MAX_FAULTS_IN_SIGHT } from "./field";

/**
 * Shows title, detail, faults and a link to the explanation; screen readers announce it when it appears. All
 * texts are rendered as plain text, since they may quote a caller's input.
 *
 * @param atFields pointers of the faults that stand at their fields, and are not repeated here
 */
export function ProblemNote({
  problem,
  atFields,
}: {
  problem: Problem | null;
  atFields?: RegExp;
}): VNode {
  const all = problem?.errors ?? [];
  const errors = all.filter(({ pointer }) => atFields?.test(pointer) !== true);
  return (
    <div role="alert" class="alert">
      {problem !== null && (
        <div class="note bad">
          <p>
            <strong>{problem.title}</strong>
            {problem.status > 0 && <span class="chip bad">{problem.status}</span>}
          </p>
          <p>{detailOf(problem, errors.length)}</p>
          {errors.length > 0 && (
            <ul tabIndex={errors.length > MAX_FAULTS_IN_SIGHT ? 0 : undefined}>
              {errors.map((fault) => (
                <li key={fault.pointer + fault.detail}>
                  <strong>{placeOf(fault)}</strong> {fault.detail}
                </li>
              ))}
            </ul>
          )}
          {problem.request_id !== "" && (
            <p class="hint">
              <a href={problem.type}>What this means</a> · request {problem.request_id}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** The detail, leading to the faults below it, or to the fields where they stand. */
function detailOf({ detail, errors = [] }: Problem, listed: number): string {
  if (listed > 0) return detail.replace(/; see errors\.$/, ":");
  return errors.length > 0 ? "See the fields that are marked." : detail;
}
