// Options that are folded away until needed.
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../problem";

/** Unfolds if the problem has a fault at or below one of these pointers. */
export function Options({
  problem,
  pointers,
  children,
}: {
  problem: Problem | null;
  pointers: RegExp;
  children: ComponentChildren;
}): VNode {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const isHere = problem?.errors?.some(({ pointer }) => pointers.test(pointer)) ?? false;
    if (isHere && details.current !== null) details.current.open = true;
  }, [problem, pointers]);
  return (
    <details class="options" ref={details}>
      <summary>Options</summary>
      {children}
    </details>
  );
}
