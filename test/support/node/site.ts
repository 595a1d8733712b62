// A static site on an origin of its own: the examples, with the address of a Worker in them.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

/** A site that serves each example under its path in `examples`. */
export interface Site {
  readonly origin: string;
  /** The Worker that its pages call. */
  worker: string;
  close(): Promise<void>;
}

/**
 * Starts a site. `?referrer=` sets the Referrer-Policy of a page, and `?unchecked` keeps the browser from
 * validating its form, so that the Worker gets everything.
 */
export async function startSite(): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://site.example");
    readFile(new URL(`.${pathname}`, EXAMPLES), "utf8").then(
      (page) => {
        const mine = page.replaceAll("http://127.0.0.1:8787", site.worker);
        const isUnchecked = searchParams.has("unchecked");
        const referrer = searchParams.get("referrer");
        response
          .writeHead(200, {
            "Content-Type": "text/html; charset=utf-8",
            ...(referrer !== null && { "Referrer-Policy": referrer }),
          })
          .end(isUnchecked ? mine.replaceAll("<form ", "<form novalidate ") : mine);
      },
      () => response.writeHead(404).end("Nothing"),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const site: Site = {
    origin: `http://127.0.0.1:${String(port)}`,
    worker: "",
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}
