// Error messages for files that cannot be read or written.
import { UsageError } from "./exit-code";

/** Sentences for the system's error codes. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "that is not allowed",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is no folder",
  EROFS: "the disk is read-only",
};

/** The error for a file that cannot be read. */
export function cannotRead(path: string, error: unknown): UsageError {
  return new UsageError(`Cannot read ${path}: ${reasonOf(error, "there is no such file")}.`);
}

/** The error for a file that cannot be written: its folder is missing, or it may not be written to. */
export function cannotWrite(path: string, error: unknown): UsageError {
  return new UsageError(`Cannot write ${path}: ${reasonOf(error, "there is no such folder")}.`);
}

function reasonOf(error: unknown, missing: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "ENOENT" ? missing : (REASONS[code] ?? String(error));
}
