// Renders the Worker's texts, which mark code by backticks.
import type { VNode } from "preact";

/** Renders a text with its code in `<code>`. */
export function Marked({ text }: { text: string }): VNode {
  return (
    <>
      {text
        .split("`")
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  );
}
