// Work that the page waits for, of which only the latest counts.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, toProblem } from "./problem";

/** How the latest work stands. While it runs, what came before stays to be seen. */
export interface Latest<T> {
  readonly isBusy: boolean;
  readonly value: T | null;
  readonly problem: Problem | null;
}

/** Does the work; `show` puts a value up before the end. Work that is overtaken is aborted. */
export type Start<T> = (
  work: (signal: AbortSignal, show: (value: T) => void) => Promise<T>,
) => void;

/** The state of work, and how to start it. Whatever it throws becomes the problem. */
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
