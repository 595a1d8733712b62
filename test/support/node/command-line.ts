// Runs `serentak …` as a user does, for tests.
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../../bin/serentak.mjs", import.meta.url));

/** Outcome of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
}

/**
 * Starts a command against the server at `origin`, with the token of `npm start`. `output` is a file that
 * standard output goes to instead of being kept.
 */
export function start(
  origin: string,
  args: readonly string[],
  input: string | Uint8Array = "",
  output?: string,
): Running {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...process.env, SERENTAK_URL: origin, SERENTAK_TOKEN: "dev" },
    stdio: ["pipe", output === undefined ? "pipe" : openSync(output, "a"), "pipe"],
  });
  child.stdin?.end(input);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const done = Promise.all([code, read(child.stdout), read(child.stderr)]);
  return { child, done: done.then(([exit, out, err]) => ({ code: exit, out, err })) };
}

/** All that a stream brings; nothing of one that the test closed itself. */
async function read(stream: Readable | null): Promise<string> {
  return stream === null || stream.destroyed ? "" : text(stream).catch(() => "");
}
