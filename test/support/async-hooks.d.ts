// The one part of Node's API that tests use inside the runtime, whose types do not list it.
declare module "node:async_hooks" {
  /** Values that follow a call into everything that it awaits. */
  export class AsyncLocalStorage<T> {
    run<R>(store: T, callback: () => R): R;
    getStore(): T | undefined;
  }
}
