// A refusal as people read it.
import type { VNode } from "preact";
import { placeOf, type Problem } from "../problem";

/** The list of more faults scrolls, and can then be reached by keyboard. */
const MAX_FAULTS_IN_SIGHT = 8;

/**
 * Title, detail, every fault and where to read on. Says it aloud when it appears. Nothing of it is
 * marked up: what the Worker quotes of a caller's may hold anything.
 *
 * @param place says where a fault is, where its pointer alone would mislead
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
