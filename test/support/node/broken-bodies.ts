// Bodies that receivers send after a verdict, each broken in a way of its own, over real sockets.
import type { ServerResponse } from "node:http";

const DRIP_MS = 20;

/** Ways to break a body; each sends the head first. */
export const BROKEN_BODIES: Readonly<
  Record<
    string,
    (response: ServerResponse, status: number, headers: Record<string, string>) => void
  >
> = {
  endless: (response, status, headers) => {
    response.writeHead(status, headers);
    const chunk = Buffer.alloc(16_384, "x");
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once("drain", pump);
    };
    pump();
  },
  dripping: (response, status, headers) => {
    response.writeHead(status, headers);
    const timer = setInterval(() => response.write("x"), DRIP_MS);
    response.once("close", () => clearInterval(timer));
  },
  silent: (response, status, headers) => {
    response.writeHead(status, headers).flushHeaders();
  },
  reset: (response, status, headers) => {
    response.writeHead(status, headers);
    response.write("x", () => response.socket?.resetAndDestroy());
  },
  short: (response, status, headers) => {
    response.writeHead(status, { ...headers, "Content-Length": "1000" });
    response.write("x", () => response.socket?.destroy());
  },
  "falsely gzipped": (response, status, headers) => {
    response.writeHead(status, { ...headers, "Content-Encoding": "gzip" }).end("this is no gzip");
  },
};
