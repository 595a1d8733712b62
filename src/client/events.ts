// A batch's progress: server-sent events (HTML §9.2) by fetch, since EventSource sends no headers and
// cannot be awaited. Whatever happens to a connection, the next goes on where it ended.
import { backoffDelay } from "../lib/retry-delay";
import type { CallOptions } from "./api";
import { SerentakError } from "./error";
import { readLines } from "./lines";
import { neverAborted, type Transport } from "./transport";
import type { Batch } from "./wire";

/** The Worker sends something every ten seconds. After this the connection is taken for dead. */
const MAX_SILENCE_MS = 30_000;
/** Connections in a row that bring nothing: together some four minutes. */
const MAX_FAILURES = 30;
/** Until the Worker names another. */
const RECONNECT_MS = 1000;

/** How far a batch was followed, over all connections. */
interface Position {
  lastId: string | null;
  /** The last progress, as text. */
  shown: string;
  retryMs: number;
  /** Connections in a row that brought nothing. */
  failures: number;
}

/** The batch at each change, until its end. @throws SerentakError where there is no such batch */
export async function* followBatch(
  transport: Transport,
  path: string,
  { signal = neverAborted() }: CallOptions = {},
): AsyncGenerator<Batch, void> {
  const position: Position = { lastId: null, shown: "", retryMs: RECONNECT_MS, failures: 0 };
  for (;;) {
    let failure: unknown = new TypeError("The stream of events is empty");
    try {
      if (yield* followOnce(transport, path, position, signal)) return;
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      failure = error;
    }
    position.failures += 1;
    if (position.failures > MAX_FAILURES) throw failure;
    const jitterMs = backoffDelay(position.failures, Math.random);
    await transport.clock.sleep(position.retryMs + jitterMs, signal);
  }
}

/** Refused for good. A server that fails, or a gateway before it, may do better the next time. */
function isFinal(error: unknown): boolean {
  return error instanceof SerentakError && error.status < 500;
}

/**
 * What one connection brings; returns whether the batch is over. It is read on until the Worker closes
 * it: a browser reports a stream that was cancelled as a failure.
 */
async function* followOnce(
  transport: Transport,
  path: string,
  position: Position,
  signal: AbortSignal,
): AsyncGenerator<Batch, boolean> {
  let isOver = false;
  try {
    for await (const event of parseEvents(openLines(transport, path, position, signal))) {
      // Only now, when the event is whole: the id of one that was cut off would skip it.
      position.lastId = event.id ?? position.lastId;
      position.retryMs = event.retryMs ?? position.retryMs;
      // The end repeats the last progress; who has missed that needs it.
      if (event.data !== "" && event.data !== position.shown) {
        position.shown = event.data;
        yield JSON.parse(event.data);
      }
      isOver ||= event.name === "end";
    }
  } catch (error) {
    // Whatever comes after the end takes nothing back.
    if (!isOver) throw error;
  }
  return isOver;
}

/** The lines of a new connection, which is closed when it falls silent. */
async function* openLines(
  transport: Transport,
  path: string,
  position: Position,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const silence = new AbortController();
  const resume = position.lastId === null ? {} : { "Last-Event-ID": position.lastId };
  const response = await transport.open(
    { path, headers: { Accept: "text/event-stream", ...resume } },
    { signal: AbortSignal.any([signal, silence.signal]) },
  );
  const expectSound = () =>
    transport.clock.after(MAX_SILENCE_MS, () =>
      silence.abort(new TypeError("The stream is silent")),
    );
  let callOff = expectSound();
  try {
    for await (const line of readLines(response)) {
      callOff();
      callOff = expectSound();
      position.failures = 0;
      yield line;
    }
  } finally {
    callOff();
  }
}

interface ServerEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: string;
  readonly retryMs: number | null;
}
const BLANK: ServerEvent = { name: "", id: null, data: "", retryMs: null };

/** Events end with a blank line; one that is cut off never was. */
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
