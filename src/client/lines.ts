// Reads bodies while they arrive: their bytes, or their lines of text, for NDJSON and server-sent events.

/** Yields the bytes of a body as they arrive. Closes the connection when the consumer stops early. */
export async function* readBytes({
  body,
}: Pick<Response, "body">): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Cancelling a stream that has failed rejects with an error that the consumer already has.
    await reader.cancel().catch(() => undefined);
  }
}

/** Yields lines as they arrive, without line ends; the last line needs none. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
