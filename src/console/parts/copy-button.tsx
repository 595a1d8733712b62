// Copies a text to the clipboard.
import type { VNode } from "preact";
import { useState } from "preact/hooks";

/** A button that copies `text`. `what` names the text for screen readers. */
export function CopyButton({ text, what }: { text: string; what: string }): VNode {
  const [note, setNote] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setNote("Copied");
    } catch {
      // Without HTTPS, browsers offer no clipboard.
      setNote("Cannot copy here");
    }
  };
  return (
    <span class="copy">
      <span role="status">{note}</span>
      <button
        type="button"
        class="quiet small"
        aria-label={`Copy ${what}`}
        onClick={() => void copy()}
      >
        Copy
      </button>
    </span>
  );
}
