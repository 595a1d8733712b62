// Code in the colours of its parts.
import type { VNode } from "preact";

/** Comments, texts, keywords and flags of the two languages that the page writes, curl and JavaScript. */
const PARTS =
  /(?<comment>(?:^|(?<=\s))(?:\/\/|# ).*$)|(?<text>"(?:[^"\\]|\\.)*"|'[^']*')|(?<word>\b(?:import|from|const|for|await|of)\b|(?:^|(?<=\s))curl\b)|(?<flag>(?<=\s)--?[A-Za-z][\w-]*)/gm;

/** Renders code with its parts told apart. */
export function Code({ text }: { text: string }): VNode {
  const parts: (VNode | string)[] = [];
  let end = 0;
  for (const { index, 0: part, groups = {} } of text.matchAll(PARTS)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    parts.push(
      text.slice(end, index),
      <span key={index} class={`code-${kind}`}>
        {part}
      </span>,
    );
    end = index + part.length;
  }
  return <code>{[...parts, text.slice(end)]}</code>;
}
