// A byte stream as lines of text: what NDJSON and server-sent events have in common.

/**
 * The lines of a body as they arrive, without their ends; the last needs none. Ends the connection
 * when its reader stops early.
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
    // Where the stream has broken, that is known already.
    await reader.cancel().catch(() => undefined);
  }
}
