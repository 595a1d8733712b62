// HTTP by hand over a socket: for requests that no client library would send.
import { connect, type Socket } from "node:net";

/** A connection with what came back on it so far. */
export interface RawConnection {
  readonly socket: Socket;
  /** Everything received, as Latin-1. */
  received(): string;
  /** The status of the first answer, once its head is there; null when the connection ends without one. */
  readonly status: Promise<number | null>;
}

/** Connects and sends bytes as they are (text as Latin-1). */
export function sendRaw(port: number, bytes: string | Uint8Array): RawConnection {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  const { promise: status, resolve } = Promise.withResolvers<number | null>();
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    received += chunk;
    const head = /^HTTP\/1\.[01] (\d{3})/.exec(received);
    if (head !== null && received.includes("\r\n\r\n")) resolve(Number(head[1]));
  });
  // A reset is an end as good as any.
  socket.on("error", () => socket.destroy());
  socket.on("close", () => resolve(null));
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return { socket, received: () => received, status };
}
