// Error messages for files that cannot be read or written.
import { UsageError } from "./exit-code";

/** Sentences for the system's error codes. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "that is not allowed",
  EDQUOT: "the quota of the disk is used up",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no folder",
  EROFS: "the disk is read-only",
};

/** The error for a file that cannot be read. */
export function cannotRead(path: string, error: unknown): UsageError {
  return new UsageError(`Cannot read ${path}: ${reasonOf(error, "there is no such file")}.`);
}

/** The error for a file that cannot be written: its folder is missing, or the disk is full. */
export function cannotWrite(path: string, error: unknown): UsageError {
  return new UsageError(`Cannot write ${path}: ${reasonOf(error, "there is no such folder")}.`);
}

function reasonOf(error: unknown, missing: string): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code === "ENOENT" ? missing : (REASONS[code] ?? String(error));
}

/** True for what the operating system says of a file, and not for what a server or our own code does. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
