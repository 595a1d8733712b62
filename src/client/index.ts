// The client for browsers and every other runtime with `fetch`. Served as /client.js.
import { createClock } from "../lib/clock";
import type { Client, ClientOptions } from "./api";
import { connect } from "./connect";

export type * from "./api";
export type * from "./batch-api";
export { SerentakError, type Problem } from "./error";
export type * from "./wire";

/** Creates a client of the Worker at `baseUrl`. Sends no request yet. */
export function createClient(options: ClientOptions): Client {
  return connect(
    options,
    createClock({
      now: () => performance.now(),
      epochNow: () => Date.now(),
      setTimeout,
      clearTimeout,
    }),
  );
}
