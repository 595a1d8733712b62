// What each call costs in billable operations. The numbers are counted, not estimated: test/cost.test.ts
// makes every call of this table inside the runtime, with all of the platform simulated, and fails where
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

/** No operation at all. */
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
export const COSTS = {
  "GET /health": { workerRequests: 1 },
  "POST /process-data": { workerRequests: 1 },
  "POST /external-api, three calls": { workerRequests: 1, outgoing: 3 },
  "POST /users": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 2,
    rowsRead: 1,
    rowsWritten: 3,
    outgoing: 1,
  },
  "POST /users, with an Idempotency-Key": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 4,
    alarms: 1,
    rowsRead: 3,
    rowsWritten: 6,
    outgoing: 1,
  },
  "GET /users/<id>": { workerRequests: 1, kvReads: 1 },
  "GET /users, one page": { workerRequests: 1, kvLists: 1 },
  "PATCH /users/<id>": {
    workerRequests: 1,
    kvReads: 2,
    kvWrites: 1,
    objectRequests: 1,
    rowsWritten: 3,
  },
  "DELETE /users/<id>": {
    workerRequests: 1,
    kvReads: 1,
    kvDeletes: 1,
    objectRequests: 1,
    rowsWritten: 2,
  },
  "POST /tasks": { workerRequests: 1, kvWrites: 1, objectRequests: 1, rowsRead: 1, rowsWritten: 3 },
  "POST /tasks, one webhook told": {
    workerRequests: 1,
    kvWrites: 1,
    objectRequests: 3,
    alarms: 1,
    rowsRead: 18,
    rowsWritten: 14,
    outgoing: 1,
  },
  "GET /tasks/<id>": { workerRequests: 1, kvReads: 1 },
  "GET /tasks, one page": { workerRequests: 1, kvLists: 1 },
  "PATCH /tasks/<id>": { workerRequests: 1, kvWrites: 1, objectRequests: 1, rowsWritten: 3 },
  "DELETE /tasks/<id>": { workerRequests: 1, kvDeletes: 1, objectRequests: 1, rowsWritten: 2 },
  "POST /batch-process, 100 texts": {
    workerRequests: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 17,
    rowsWritten: 9,
  },
  "POST /batch-process, 1,000 texts": {
    workerRequests: 1,
    objectRequests: 2,
    alarms: 1,
    rowsRead: 24,
    rowsWritten: 12,
  },
  "POST /batch-process, 10,000 texts": {
    workerRequests: 1,
    objectRequests: 7,
    alarms: 1,
    rowsRead: 155,
    rowsWritten: 71,
  },
  "POST /batch-process, 100,000 texts": {
    workerRequests: 1,
    objectRequests: 52,
    alarms: 1,
    rowsRead: 1460,
    rowsWritten: 656,
  },
  "POST /batch-process, 100 calls": {
    workerRequests: 1,
    objectRequests: 11,
    alarms: 1,
    rowsRead: 73,
    rowsWritten: 33,
    outgoing: 100,
  },
  "POST /batch-process, 100 users": {
    workerRequests: 1,
    kvWrites: 100,
    objectRequests: 211,
    alarms: 1,
    rowsRead: 173,
    rowsWritten: 333,
    outgoing: 100,
  },
  "POST /batch-process, 100 tasks": {
    workerRequests: 1,
    kvWrites: 100,
    objectRequests: 111,
    alarms: 1,
    rowsRead: 173,
    rowsWritten: 333,
  },
  "GET /batch-process/<id>": { workerRequests: 1, objectRequests: 1, rowsRead: 1 },
} satisfies Record<string, Partial<Operations>>;
