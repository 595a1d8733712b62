// Asynchronous work of which only the latest counts.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, toProblem } from "./problem";

/** State of the latest work. While it runs, the previous value stays visible. */
export interface Latest<T> {
  readonly isBusy: boolean;
  readonly value: T | null;
  readonly problem: Problem | null;
}

/** Starts work and aborts the work before it. `show` displays a value before the end. */
export type Start<T> = (
  work: (signal: AbortSignal, show: (value: T) => void) => Promise<T>,
) => void;

/** The state of the latest work, and a function that starts it. An error it throws becomes `problem`. */
export function useLatest<T>(): [Latest<T>, Start<T>] {
  const [state, setState] = useState<Latest<T>>({ isBusy: false, value: null, problem: null });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = useCallback<Start<T>>((work) => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const put = (next: Partial<Latest<T>>): void => {
      if (!controller.signal.aborted) setState((last) => ({ ...last, ...next }));
    };
    put({ isBusy: true, problem: null });
    work(controller.signal, (value) => put({ value })).then(
      (value) => put({ isBusy: false, value }),
      (error: unknown) => {
        put({ isBusy: false, value: null, problem: toProblem(error) });
      },
    );
  }, []);
  return [state, start];
}
