// Sentences of the Worker, in which code stands between backticks.
import type { VNode } from "preact";

/** The text with its code marked as such. */
export function Marked({ text }: { text: string }): VNode {
  return (
    <>
      {text
        .split("`")
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  );
}
