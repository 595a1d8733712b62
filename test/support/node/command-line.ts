// Runs `serentak …` as a user does, for tests.
import { type ChildProcess, spawn } from "node:child_process";
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

/** Starts a command against the server at `origin`, with the token of `npm start`. */
export function start(origin: string, args: readonly string[], input = ""): Running {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...process.env, SERENTAK_URL: origin, SERENTAK_TOKEN: "dev" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const done = Promise.all([code, text(child.stdout), text(child.stderr)]);
  return { child, done: done.then(([exit, out, err]) => ({ code: exit, out, err })) };
}
