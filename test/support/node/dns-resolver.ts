// A DNS-over-HTTPS resolver on this machine that answers in JSON, as the tests ask it to.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Behaviour of a domain; `mail-server` for any domain that is not set. */
export type Domain =
  | "mail-server"
  | "null-mx"
  | "address-only"
  | "empty"
  | "no-such-domain"
  | "failure"
  | "http-error"
  | "not-json"
  | "reset"
  | "silent";

const MX = 15;
const A = 1;

const ANSWERS: Partial<Record<Domain, (name: string, type: string) => object>> = {
  "mail-server": (name, type) => ({
    Status: 0,
    Answer: type === "MX" ? [{ name, type: MX, TTL: 60, data: `10 mx.${name}.` }] : [],
  }),
  "null-mx": (name) => ({ Status: 0, Answer: [{ name, type: MX, TTL: 60, data: "0 ." }] }),
  "address-only": (name, type) => ({
    Status: 0,
    ...(type === "A" && { Answer: [{ name, type: A, TTL: 60, data: "192.0.2.1" }] }),
  }),
  empty: () => ({ Status: 0 }),
  "no-such-domain": () => ({ Status: 3 }),
  failure: () => ({ Status: 2 }),
};

/** A running resolver. */
export interface DnsResolver {
  /** For DNS_RESOLVER_URL. */
  readonly url: string;
  /** Says what a domain is like from now on. */
  set(name: string, domain: Domain): void;
  /** The questions so far about a name, such as `MX`. */
  questions(name: string): readonly string[];
  close(): Promise<void>;
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "application/dns-json" }).end(body);
}

function answer(response: ServerResponse, domain: Domain, name: string, type: string): void {
  if (domain === "silent") return;
  if (domain === "reset") response.destroy();
  else if (domain === "http-error") send(response, 503, "{}");
  else if (domain === "not-json") send(response, 200, "<html>");
  else {
    const answered = ANSWERS[domain] ?? ANSWERS["mail-server"];
    send(response, 200, JSON.stringify(answered?.(name, type)));
  }
}

/** Starts a resolver on a free port. */
export async function startDnsResolver(): Promise<DnsResolver> {
  const domains = new Map<string, Domain>();
  const asked = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [name, type] = [searchParams.get("name") ?? "", searchParams.get("type") ?? ""];
    asked.set(name, [...(asked.get(name) ?? []), type]);
    answer(response, domains.get(name) ?? "mail-server", name, type);
  });
  // An idle connection that the server closes just as the client reuses it would look like a fault.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  // A TCP server's address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/dns-query`,
    set: (name, domain) => void domains.set(name, domain),
    questions: (name) => asked.get(name) ?? [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
