// Leads to the first field at fault, once a form was refused.
import { useEffect } from "preact/hooks";
import type { Problem } from "./problem";

/** Moves the focus to the first field at fault of the shown panel whenever there is a new problem. */
export function useFaultFocus(problem: Problem | null): void {
  useEffect(() => {
    if (problem === null) return;
    const fields = "main > section:not([hidden]) [aria-invalid]";
    document.querySelector<HTMLElement>(fields)?.focus();
  }, [problem]);
}
