// Shows a refusal.
import type { VNode } from "preact";
import { placeOf, type Problem } from "../problem";

/** Faults above which the list scrolls, and can be focused to scroll it by keyboard. */
const MAX_FAULTS_IN_SIGHT = 8;

/**
 * Shows title, detail, faults and a link to the explanation; screen readers announce it when it appears. All
 * texts are rendered as plain text, since they may quote a caller's input.
 *
 * @param place returns the label of a fault's place if its pointer would mislead
 */
export function ProblemNote({
  problem,
  place = placeOf,
}: {
  problem: Problem | null;
  place?: (pointer: string) => string;
}): VNode {
  const errors = problem?.errors ?? [];
  return (
    <div role="alert" class="alert">
      {problem !== null && (
        <div class="note bad">
          <p>
            <strong>{problem.title}</strong>
            {problem.status > 0 && <span class="chip bad">{problem.status}</span>}
          </p>
          {/* They are right below. */}
          <p>
            {errors.length > 0 ? problem.detail.replace(/; see errors\.$/, ":") : problem.detail}
          </p>
          {errors.length > 0 && (
            <ul tabIndex={errors.length > MAX_FAULTS_IN_SIGHT ? 0 : undefined}>
              {errors.map(({ pointer, detail }) => (
                <li key={pointer + detail}>
                  <strong>{place(pointer)}</strong> {detail}
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
