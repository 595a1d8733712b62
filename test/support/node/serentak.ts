// Servers for tests over real HTTP: the Worker as it is deployed, or the product as a user runs it, `npm start -- …`.
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { type ProcessGroup, startGroup } from "./process-group";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const SERVE_WORKER = fileURLToPath(new URL("serve-worker.mjs", import.meta.url));
/** A busy machine takes its time. */
const START_TIMEOUT_MS = 180_000;
const POLL_MS = 50;
// Below the ephemeral ports of Linux and macOS: no outgoing connection takes one of these between
// the moment it was found free and the moment the server listens on it.
const FIRST_PORT = 12_000;
const LAST_PORT = 32_000;

/** A running server. */
export interface Serentak {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** The directory of its data. */
  readonly state: string;
  /** stdout and stderr since the last start. */
  output(): string;
  /** The most memory that the server's workerd processes have held, in bytes (0 where unknown). */
  peakMemoryBytes(): number;
  /** Ends the whole process group and removes the data. */
  stop(): Promise<void>;
  /** SIGTERM to npm alone; returns when nothing that it started is left. */
  terminate(): Promise<void>;
  /** SIGKILL to the whole process group at once, as a power cut; the data stays. */
  kill(): Promise<void>;
  /** Ends the group if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once("error", () => resolve(false))
      .listen(port, () => server.close(() => resolve(true)));
  });
}

/** A port that nothing on this machine listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    if (await isFree(port)) return port;
  }
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/health`);
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function untilReady(group: ProcessGroup, origin: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(origin))) {
    if (group.ended() || performance.now() > deadline) {
      await group.kill();
      throw new Error(`Cannot start the server:\n${group.output()}`);
    }
    await delay(POLL_MS);
  }
}

async function serve(
  launch: (directory: string, port: number) => ProcessGroup | Promise<ProcessGroup>,
): Promise<Serentak> {
  const directory = await mkdtemp(join(tmpdir(), "serentak-"));
  // For a server that nobody stops; what its killed processes still write is tried once more.
  process.once("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 9 }));
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  let group = await launch(directory, port);
  await untilReady(group, origin);
  return {
    port,
    origin,
    state: join(directory, "state"),
    output: () => group.output(),
    peakMemoryBytes: () => group.peakMemoryBytes("workerd"),
    terminate: () => group.terminate(),
    kill: () => group.kill(),
    stop: async () => {
      await group.kill();
      await rm(directory, { recursive: true, force: true });
    },
    restart: async () => {
      await group.stop();
      group = await launch(directory, port);
      await untilReady(group, origin);
    },
  };
}

/** Flags of `npm start` that set a variable. */
const VARIABLE = /--var (?:'(\w+):([^']*)'|(\w+):(\S+))/g;

/**
 * Starts the Worker as it is deployed, on a free port with fresh data and the variables of `npm start`, to which `vars`
 * are added. It starts in a fifth of the time that `npm start` takes.
 */
export function startWorker(vars: Readonly<Record<string, string>> = {}): Promise<Serentak> {
  return serve(async (directory, port) => {
    const { scripts } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
      scripts: { start: string };
    };
    const found = scripts.start.matchAll(VARIABLE);
    const ofStart = Array.from(found, ([, quoted, text, name, word]) => [
      quoted ?? name,
      text ?? word,
    ]);
    const all = JSON.stringify({ ...Object.fromEntries(ofStart), ...vars });
    return startGroup(process.execPath, [SERVE_WORKER, String(port), directory, all], {
      cwd: REPOSITORY,
      // What a server that is killed leaves behind goes with its directory.
      env: { ...process.env, TMPDIR: directory },
    });
  });
}

/** Starts `npm start` of a checkout on a free port with fresh data; `vars` are added to its own. */
export function startSerentak(
  vars: Readonly<Record<string, string>> = {},
  checkout = REPOSITORY,
): Promise<Serentak> {
  return serve(async (directory, port) => {
    const flags = {
      "--port": String(port),
      "--inspector-port": String(await freePort()),
      "--persist-to": join(directory, "state"),
    };
    const args = [
      ...Object.entries(flags).flat(),
      ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ];
    // Without `prestart`: `pretest` has built it already.
    return startGroup("npm", ["start", "--ignore-scripts", "--", ...args], {
      cwd: checkout,
      // wrangler's own files go to the directory, so that servers side by side do not meet there.
      env: {
        ...process.env,
        TMPDIR: directory,
        NO_COLOR: "1",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_LOG_PATH: join(directory, "logs"),
        WRANGLER_REGISTRY_PATH: join(directory, "registry"),
      },
    });
  });
}
