// Puts a text on the clipboard, and says so.
import type { VNode } from "preact";
import { useState } from "preact/hooks";

/** A button that copies `text`. `what` names it for those who do not see where it stands. */
export function CopyButton({ text, what }: { text: string; what: string }): VNode {
  const [note, setNote] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setNote("Copied");
    } catch {
      // Pages that are not served securely have no clipboard.
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
