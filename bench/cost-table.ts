// What each call costs in billable operations. The numbers are counted, not estimated: test/cost.test.ts
// makes every call of this table inside the runtime, with all bindings instrumented, and fails where
// one differs. `npm run cost` turns them into money.

/** Operations that the platform counts. What a call never does stands as 0. */
export interface Operations {
  readonly workerRequests: number;
  readonly kvReads: number;
  readonly kvWrites: number;
  readonly kvDeletes: number;
  readonly kvLists: number;
  /** Calls of Durable Objects' methods. */
  readonly objectRequests: number;
  /** Rings of Durable Objects' alarms: billed as requests. */
  readonly alarms: number;
  readonly rowsRead: number;
  /** Rows of tables, keys and alarms set, index entries included. */
  readonly rowsWritten: number;
  /** Not billed, but the free plan allows 50 an invocation. */
  readonly outgoing: number;
}

export const NOTHING: Operations = {
  workerRequests: 0,
  kvReads: 0,
  kvWrites: 0,
  kvDeletes: 0,
  kvLists: 0,
  objectRequests: 0,
  alarms: 0,
  rowsRead: 0,
  rowsWritten: 0,
  outgoing: 0,
};

/** Operations of one call and of all that follows from it, until nothing of it is left to do. */
export const COSTS = {} satisfies Record<string, Partial<Operations>>;
