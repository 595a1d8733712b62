// A Worker served by a bare workerd process: no proxy, no inspector and no simulator between the
// client and the script, so that the process's CPU time is the script's and the runtime's alone.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Bundle } from "./bundle.ts";
import { toCapnp, type Bindings } from "./capnp.ts";

const WORKERD = resolve(import.meta.dirname, "../../node_modules/.bin/workerd");
const START_TIMEOUT_MS = 20_000;
const CONTROL_FD = 3;
/** In memory where the system offers that: how fast this machine's disk is says nothing of the Worker. */
const FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const running = new Set<ChildProcess>();
// A run that is broken off must not leave servers behind.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(1));

/** A running Worker. */
export interface Server {
  readonly port: number;
  /** CPU time that the process has used since it started, all threads together, in nanoseconds. */
  cpuNs(): number;
  stop(): Promise<void>;
}

/** What a Worker is bound to. Its objects get a fresh folder, which goes with the server. */
export type ServerBindings = Omit<Bindings, "storage">;

/**
 * Serves a bundle on a free port of 127.0.0.1.
 *
 * @throws Error where the runtime does not listen within 20 s
 */
export async function startServer(bundle: Bundle, bindings: ServerBindings): Promise<Server> {
  requireProc();
  // `embed` takes paths relative to the configuration only.
  const config = join(dirname(bundle.script), "config.capnp");
  const storage = mkdtempSync(join(FOLDER, "serentak-bench-"));
  writeFileSync(config, toCapnp(bundle, { ...bindings, storage }));
  // What the Worker logs goes to /dev/null: writing it costs the server, reading it nobody.
  const child = spawn(WORKERD, ["serve", config, `--control-fd=${CONTROL_FD}`], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  running.add(child);
  const stop = async (): Promise<void> => {
    running.delete(child);
    if (child.exitCode === null && child.kill()) await once(child, "exit");
    rmSync(storage, { recursive: true, force: true });
  };
  try {
    return { port: await readPort(child), cpuNs: () => readCpuNs(child.pid), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function requireProc(): void {
  if (process.platform !== "linux") throw new Error("The benchmark reads /proc: run it on Linux");
}

/** Waits for `{"event":"listen","socket":"http","port":…}` on the control descriptor. */
async function readPort(child: ChildProcess): Promise<number> {
  const control = child.stdio[CONTROL_FD];
  // `stdio` says "pipe" at this place, which makes it a readable stream.
  const messages = (control as Readable).setEncoding("utf8");
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const dataOrEnd = Promise.race([once(messages, "data", { signal }), once(child, "exit")]);
  const [message] = await dataOrEnd;
  const port = /"port":(\d+)/.exec(String(message))?.[1];
  if (port === undefined) throw new Error("Cannot start workerd; see its output above");
  return Number(port);
}

/** The scheduler's own count, exact to the nanosecond where `utime` and `stime` have 10 ms ticks. */
function readCpuNs(pid: number | undefined): number {
  const tasks = `/proc/${String(pid)}/task`;
  return readdirSync(tasks)
    .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]))
    .reduce((sum, ns) => sum + ns, 0);
}
