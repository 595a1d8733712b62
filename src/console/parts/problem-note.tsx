// A refusal as people read it.
import type { VNode } from "preact";
import type { Problem } from "../http";

/** Title, detail, every fault and where to read on. Says it aloud when it appears. */
export function ProblemNote({ problem }: { problem: Problem | null }): VNode {
  return (
    <div role="alert" class="alert">
      {problem !== null && (
        <div class="note bad">
          <p>
            <strong>{problem.title}</strong>
            {problem.status > 0 && <span class="chip bad">{problem.status}</span>}
          </p>
          <p>{problem.detail}</p>
          {problem.errors.length > 0 && (
            <ul>
              {problem.errors.map(({ pointer, detail }) => (
                <li key={pointer + detail}>
                  <code>{decodeURIComponent(pointer)}</code> {detail}
                </li>
              ))}
            </ul>
          )}
          {problem.type !== null && (
            <p class="hint">
              <a href={problem.type}>What this means</a>
              {problem.requestId !== null && <> · request {problem.requestId}</>}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** What is wrong at one place of the body, e.g. `#/email`. */
export function faultsAt(problem: Problem | null, pointer: string): string[] {
  return (problem?.errors ?? [])
    .filter((fault) => fault.pointer === pointer)
    .map(({ detail }) => detail);
}
