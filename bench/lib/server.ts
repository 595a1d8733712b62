// A Worker served by the runtime alone, so that the process's CPU time is the script's and the runtime's.
// That is why miniflare's `Runtime` is used and not `Miniflare` around it, whose own Workers run in the
// same process: each outgoing call passes through one, KV is others, and all are compiled at the start.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Runtime, serializeConfig, SOCKET_ENTRY } from "miniflare";
import { bundleWorker } from "./bundle.ts";
import type { Outside } from "./outside.ts";
import type { Peer } from "./peers.ts";
import { toRuntimeConfig } from "./runtime-config.ts";

const START_TIMEOUT_MS = 60_000;
const WORKERD = resolve(import.meta.dirname, "../../node_modules/.bin/workerd");
/** In memory where the system offers that: how fast this machine's disk is says nothing of the Worker. */
const FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** With the folder of each. */
const running = new Map<Runtime, string>();
// A run that is broken off must not leave servers and folders behind.
process.once("exit", () => {
  for (const [runtime, storage] of running) {
    void runtime.dispose();
    remove(storage);
  }
});
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(1));

/** A running Worker. */
export interface Server {
  readonly port: number;
  /** CPU time that the process has used since it started, all threads together, in nanoseconds. */
  cpuNs(): number;
  /** Memory of the process that is in real memory, now and at most since it started, in bytes. */
  memory(): { readonly now: number; readonly peak: number };
  stop(): Promise<void>;
}

/**
 * Serves a Worker's bundle on a free port of 127.0.0.1. Its objects get a fresh folder, which goes with
 * the server.
 *
 * @throws Error where the runtime does not listen within a minute
 */
export async function startServer(peer: Peer, outside: Outside): Promise<Server> {
  if (process.platform !== "linux") throw new Error("The benchmark reads /proc: run it on Linux");
  const bundle = bundleWorker(peer);
  const storage = mkdtempSync(join(FOLDER, "serentak-bench-"));
  const pidFile = join(storage, "pid");
  const runtime = new Runtime();
  running.set(runtime, storage);
  const stop = async (): Promise<void> => {
    running.delete(runtime);
    await runtime.dispose();
    remove(storage);
  };
  try {
    const config = serializeConfig(toRuntimeConfig(bundle, outside, storage));
    const port = await listen(runtime, config, { WORKERD, PID_FILE: pidFile });
    const pid = readFileSync(pidFile, "utf8").trim();
    return { port, cpuNs: () => readCpuNs(pid), memory: () => readMemory(pid), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Tries again where a process that was just killed still writes. */
function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function listen(
  runtime: Runtime,
  config: Buffer,
  runtimeEnv: Readonly<Record<string, string>>,
): Promise<number> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const options = {
    entryAddress: "127.0.0.1:0",
    // Nothing is called back; the address must be one.
    loopbackAddress: "127.0.0.1:1",
    requiredSockets: [SOCKET_ENTRY],
    runtimeEnv,
    signal,
  };
  process.env["MINIFLARE_WORKERD_PATH"] = resolve(import.meta.dirname, "workerd.sh");
  const ports = await runtime.updateConfig(config, options, [], signal);
  // For this runtime alone: whatever else this process starts runs workerd itself.
  delete process.env["MINIFLARE_WORKERD_PATH"];
  const port = ports?.get(SOCKET_ENTRY);
  if (port === undefined) throw new Error(`No server within ${START_TIMEOUT_MS} ms`);
  return port;
}

function readMemory(pid: string) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** The scheduler's own count, exact to the nanosecond where `utime` and `stime` have 10 ms ticks. */
function readCpuNs(pid: string): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks)
    .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]))
    .reduce((sum, ns) => sum + ns, 0);
}
