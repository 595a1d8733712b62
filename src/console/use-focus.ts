// Moves the keyboard focus after elements were removed or added.
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";

/**
 * A container, and a function that focuses an element in it after the next render: the first match among the
 * given selectors.
 */
export function useFocus<E extends HTMLElement>(): [
  RefObject<E | null>,
  (...selectors: readonly string[]) => void,
] {
  const container = useRef<E>(null);
  const wanted = useRef<readonly string[]>([]);
  useLayoutEffect(() => {
    const found = wanted.current.flatMap(
      (selector) => container.current?.querySelector<HTMLElement>(selector) ?? [],
    );
    wanted.current = [];
    found[0]?.focus();
  });
  const focus = useCallback((...selectors: readonly string[]) => {
    wanted.current = selectors;
  }, []);
  return [container, focus];
}
