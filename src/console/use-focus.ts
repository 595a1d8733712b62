// Where the keyboard is after what it stood on has gone, or has been added.
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";

/**
 * A container, and how to focus something in it once the page has changed: what the first of these
 * selectors finds that finds anything.
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
