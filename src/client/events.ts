// Follows a batch by server-sent events (HTML §9.2), read with `fetch`, since EventSource can neither
// send headers nor be awaited. A new connection continues after the last event of the one before.
import { backoffDelay } from "../lib/retry-delay";
import type { FollowOptions } from "./api";
import { SerentakError } from "./error";
import { readPart } from "./reply";
import { neverAborted, type Transport } from "./transport";
import type { Batch } from "./wire";

/**
 * Milliseconds without a byte after which a connection counts as dead. The Worker sends one every ten
 * seconds.
 */
const MAX_SILENCE_MS = 30_000;
/** Connections in a row without an event after which following fails: about four minutes. */
const MAX_FAILURES = 30;
/** Milliseconds before reconnecting, until the Worker sends a `retry` field. */
const RECONNECT_MS = 1000;

/** Progress of following a batch, kept across connections. */
interface Position {
  lastId: string | null;
  /** Data of the last event that was yielded. */
  shown: string;
  retryMs: number;
  /** Connections in a row that brought no event. */
  failures: number;
  isConnected: boolean;
}

/**
 * Yields the batch at each change, until its end. `timeoutMs` bounds each attempt to connect.
 *
 * @throws SerentakError if there is no such batch
 */
export async function* followBatch(
  transport: Transport,
  path: string,
  options: FollowOptions = {},
): AsyncGenerator<Batch, void> {
  const { signal = neverAborted(), onConnection } = options;
  const position: Position = {
    lastId: null,
    shown: "",
    retryMs: RECONNECT_MS,
    failures: 0,
    isConnected: true,
  };
  for (;;) {
    let failure: unknown = new TypeError("The stream of events is empty");
    try {
      if (yield* followOnce(transport, path, position, { ...options, signal })) return;
    } catch (error) {
      if (signal.aborted || isFinal(error, position)) throw error;
      failure = error;
      if (position.isConnected) onConnection?.(false);
      position.isConnected = false;
    }
    position.failures += 1;
    if (position.failures > MAX_FAILURES) throw failure;
    const jitterMs = backoffDelay(position.failures, Math.random);
    await transport.clock.sleep(position.retryMs + jitterMs, signal);
  }
}

/**
 * True for refusals that a retry cannot change. A 5xx from the Worker or a gateway may be gone next time,
 * and so may the page of a captive portal, once the Worker itself has answered before.
 */
function isFinal(error: unknown, { lastId }: Position): boolean {
  if (!(error instanceof SerentakError) || error.status >= 500) return false;
  return error.code !== "unexpected-reply" || lastId === null;
}

/**
 * Yields the changes that one connection brings; returns true if the batch is over. It reads until the
 * Worker closes the connection, since browsers log a cancelled stream as a failure.
 */
async function* followOnce(
  transport: Transport,
  path: string,
  position: Position,
  options: Following,
): AsyncGenerator<Batch, boolean> {
  let isOver = false;
  try {
    for await (const event of parseEvents(openLines(transport, path, position, options))) {
      // Not validated: what has an id comes from the Worker, whose types these are.
      const batch = event.data === "" ? undefined : (readPart(event.data, ["id"]) as Batch);
      position.failures = 0;
      // Stored only now that the event is complete: with the id of an event that was cut off, the next
      // connection would skip it.
      position.lastId = event.id ?? position.lastId;
      position.retryMs = event.retryMs ?? position.retryMs;
      // The last event repeats the final progress, for readers who missed it; it is yielded once.
      if (batch && event.data !== position.shown) {
        position.shown = event.data;
        yield batch;
      }
      isOver ||= event.name === "end";
    }
  } catch (error) {
    // An error after the final event is of no importance.
    if (!isOver) throw error;
  }
  return isOver;
}

type Following = FollowOptions & { readonly signal: AbortSignal };

/** The lines of a new connection, which is aborted when nothing arrives for MAX_SILENCE_MS. */
async function* openLines(
  transport: Transport,
  path: string,
  position: Position,
  { onConnection, ...options }: Following,
): AsyncGenerator<string, void> {
  const silence = new AbortController();
  const headers = position.lastId === null ? {} : { "Last-Event-ID": position.lastId };
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const lines = transport.lines({ path, headers }, "text/event-stream", { ...options, signal });
  const expectSound = () =>
    transport.clock.after(MAX_SILENCE_MS, () =>
      silence.abort(new TypeError("The stream is silent")),
    );
  let cancelTimer = expectSound();
  try {
    for await (const line of lines) {
      cancelTimer();
      cancelTimer = expectSound();
      if (!position.isConnected) onConnection?.(true);
      position.isConnected = true;
      yield line;
    }
  } finally {
    cancelTimer();
  }
}

interface ServerEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: string;
  readonly retryMs: number | null;
}
const BLANK: ServerEvent = { name: "", id: null, data: "", retryMs: null };

/** Parses events, each ended by a blank line. An event that is cut off before its blank line is dropped. */
async function* parseEvents(lines: AsyncGenerator<string>): AsyncGenerator<ServerEvent, void> {
  let event = BLANK;
  for await (const line of lines) {
    if (line === "") yield event;
    event = line === "" ? BLANK : withField(event, line);
  }
}

function withField(event: ServerEvent, line: string): ServerEvent {
  const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
  if (field === "event") return { ...event, name: value };
  if (field === "data") return { ...event, data: event.data + value };
  if (field === "id") return { ...event, id: value };
  if (field === "retry") return { ...event, retryMs: Number(value) };
  return event;
}
