// Splits a byte stream into lines of text, for NDJSON and server-sent events.

/**
 * Yields the lines of a body as they arrive, without line ends; the last line needs none. Closes the
 * connection when the consumer stops early.
 */
export async function* readLines({ body }: Pick<Response, "body">): AsyncGenerator<string, void> {
  if (body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield line.replace(/\r$/, "");
      if (done) break;
    }
    if (rest !== "") yield rest;
  } finally {
    // Cancelling a stream that has failed rejects with an error that the consumer already has.
    await reader.cancel().catch(() => undefined);
  }
}
