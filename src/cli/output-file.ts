// The places that results are written to: a file, which is replaced only once all of them are on the disk; or
// standard output, a pipe or a device, which take them as they come.
import { createWriteStream } from "node:fs";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { cannotWrite, isSystemError } from "./file-fault";

type Chunks = AsyncIterable<string | Uint8Array>;

/** A place that takes results. */
export interface OutputFile {
  readonly path: string;
  /** True if this is the command's own standard output, which then takes nothing else. */
  readonly isStandardOutput: boolean;
  /**
   * Writes all of it. A file of this name keeps its content until then.
   *
   * @throws UsageError when it cannot be written, such as when the disk is full
   */
  write(chunks: Chunks): Promise<void>;
  /** Removes what was begun and not finished. */
  close(): Promise<void>;
}

/**
 * Opens the place at once, so that a path that cannot be written is known before work is started.
 *
 * @throws UsageError
 */
export async function openOutput(path: string): Promise<OutputFile> {
  if (path === "-" || path === "/dev/stdout") return standardOutput(path);
  try {
    const found = await stat(path).catch(missingAsNull);
    if (found?.isDirectory()) throw Object.assign(new Error("A folder"), { code: "EISDIR" });
    if (found !== null && !found.isFile()) return device(path);
    // A link is not replaced: its target is.
    return await replacement(found === null ? path : await realpath(path), found?.mode, path);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function missingAsNull(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}

function standardOutput(path: string): OutputFile {
  return {
    path,
    isStandardOutput: true,
    write: async (chunks) => {
      await pipeline(Readable.from(chunks), process.stdout, { end: false });
    },
    close: () => Promise.resolve(),
  };
}

/** A named pipe, a terminal or another device. */
function device(path: string): OutputFile {
  return {
    path,
    isStandardOutput: false,
    write: (chunks) =>
      explaining(path, () =>
        pipeline(Readable.from(chunks), createWriteStream(path, { flags: "a" })),
      ),
    close: () => Promise.resolve(),
  };
}

const FRESH_MODE = 0o666;

/** A file beside the one it is going to replace. */
async function replacement(
  target: string,
  mode: number = FRESH_MODE,
  path: string,
): Promise<OutputFile> {
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  const file = await open(beside, "wx", mode);
  let isFinished = false;
  return {
    path,
    isStandardOutput: false,
    write: (chunks) =>
      explaining(path, async () => {
        await file.writeFile(chunks);
        // Only what is on the disk may take the place of what was there.
        await file.sync();
        await rename(beside, target);
        isFinished = true;
      }),
    close: async () => {
      await file.close();
      if (!isFinished) await rm(beside, { force: true });
    },
  };
}

/** Runs what writes. Errors of what is written, such as a broken connection, stay as they are. */
async function explaining(path: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}
