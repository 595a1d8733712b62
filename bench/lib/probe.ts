// One caller in a process of its own: what the client does elsewhere at that moment is not in its figures.
import { fork } from "node:child_process";
import { once } from "node:events";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { Client, type Shot } from "./load.ts";

const FILE = fileURLToPath(import.meta.url);

/** A caller that sends one request after another. */
export interface Probe {
  /** Ends it, and returns the milliseconds that each of its requests took. */
  stop(): Promise<readonly number[]>;
}

/** Starts a caller of the server on this port of 127.0.0.1; resolves once its first answer is there. */
export async function startProbe(port: number, shot: Shot): Promise<Probe> {
  const child = fork(FILE, [JSON.stringify({ port, shot })]);
  await once(child, "message");
  return {
    async stop() {
      child.send("stop");
      const [ms] = await once(child, "message");
      return ms;
    },
  };
}

async function probe({ port, shot }: { port: number; shot: Shot }): Promise<void> {
  const client = new Client(port, 1);
  const stop = new AbortController();
  process.once("message", () => stop.abort());
  await client.send(shot);
  process.send?.("started");
  const ms: number[] = [];
  while (!stop.signal.aborted) {
    const startedAt = performance.now();
    await client.send(shot);
    ms.push(performance.now() - startedAt);
  }
  client.close();
  process.send?.(ms);
  process.disconnect();
}

if (argv[1] === FILE) await probe(JSON.parse(argv[2] ?? ""));
