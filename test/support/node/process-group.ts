// A command and everything it starts, as one process group: whatever of it a kill of the command leaves
// running can be found and ended.
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;
/** Milliseconds that a group gets to end after SIGTERM, before it is killed. */
const GRACE_MS = 5_000;
/** Milliseconds after which what has not ended never will, however busy the machine is. */
const NEVER_MS = 90_000;

/** A started command with its descendants. */
export interface ProcessGroup {
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** True if the command itself has ended. */
  ended(): boolean;
  /** Ends the group, kindly and then by force; returns when no process of it is left. */
  stop(): Promise<void>;
  /** SIGTERM to the command alone; returns when no process of the group is left, throws where one stays. */
  terminate(): Promise<void>;
  /** SIGKILL to the whole group at once; returns when no process of it is left. */
  kill(): Promise<void>;
  /** Sum of the largest resident sizes that processes of this name have reached, in bytes (Linux only, else 0). */
  peakMemoryBytes(name: string): number;
}

interface Member {
  readonly pid: string;
  readonly name: string;
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return ""; // the process has just ended, or this is no Linux
  }
}

/** The group's living processes; a zombie that init has yet to collect is not living. */
function members(group: number): Member[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      // proc(5): pid (name) state ppid pgrp …, where the name may hold anything, parentheses included
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readProc(`${pid}/stat`)) ?? [];
      const [state, , pgrp] = rest?.split(" ") ?? [];
      const living = state !== "Z" && state !== "X" && Number(pgrp) === group;
      return living && name !== undefined ? [{ pid, name }] : [];
    });
}

function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name);
  } catch {
    return false; // no such group any more
  }
}

function isAlive(group: number): boolean {
  return process.platform === "linux" ? members(group).length > 0 : signal(group, 0);
}

async function isGone(group: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(group)) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function end(group: number, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const name of signals) {
    signal(group, name);
    if (await isGone(group, name === "SIGKILL" ? NEVER_MS : GRACE_MS)) return;
  }
  throw new Error(`Cannot end process group ${String(group)}`);
}

function collectOutput(child: ChildProcess): () => string {
  let output = "";
  for (const source of [child.stdout, child.stderr]) {
    source?.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  return () => output;
}

const running = new Set<number>();

// A test that fails half-way stops nothing. vitest then ends this process with SIGTERM, a developer
// with Ctrl-C, and neither would be an "exit" by itself.
process.once("exit", () => running.forEach((group) => signal(group, "SIGKILL")));
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit());

/** Starts a command as the leader of a group of its own. The group dies with this process. */
export function startGroup(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): ProcessGroup {
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let failure = "";
  child.once("error", ({ message }) => (failure = message));
  const output = collectOutput(child);
  const group = child.pid;
  if (group !== undefined) running.add(group);
  const endWith = async (...signals: NodeJS.Signals[]): Promise<void> => {
    // A number that is no longer ours may be another's by now.
    if (group === undefined || !running.has(group)) return;
    await end(group, signals);
    running.delete(group);
  };
  return {
    output: () => output() + failure,
    ended: () => group === undefined || child.exitCode !== null || child.signalCode !== null,
    stop: () => endWith("SIGTERM", "SIGKILL"),
    terminate: async () => {
      child.kill("SIGTERM");
      if (!(await isGone(group ?? 0, NEVER_MS))) throw new Error("Some of the group stay");
    },
    kill: () => endWith("SIGKILL"),
    peakMemoryBytes: (name) =>
      members(group ?? 0)
        .filter((member) => member.name === name)
        .map(({ pid }) => Number(/^VmHWM:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1] ?? 0))
        .reduce((sum, kibibytes) => sum + kibibytes * 1024, 0),
  };
}
