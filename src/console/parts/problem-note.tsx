// A refusal as people read it.
import type { VNode } from "preact";
import type { Problem } from "../problem";
import { Marked } from "./marked";

/** Title, detail, every fault and where to read on. Says it aloud when it appears. */
export function ProblemNote({ problem }: { problem: Problem | null }): VNode {
  const errors = problem?.errors ?? [];
  return (
    <div role="alert" class="alert">
      {problem !== null && (
        <div class="note bad">
          <p>
            <strong>{problem.title}</strong>
            {problem.status > 0 && <span class="chip bad">{problem.status}</span>}
          </p>
          <p>
            <Marked text={problem.detail} />
          </p>
          {errors.length > 0 && (
            <ul>
              {errors.map(({ pointer, detail }) => (
                <li key={pointer + detail}>
                  <code>{decodeURIComponent(pointer)}</code> <Marked text={detail} />
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
