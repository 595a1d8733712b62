// A copy of the tree, for tests that change its source.
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const SOURCES = ["src", "scripts", "package.json", "tsconfig.json", "wrangler.toml"];

/** Copies what the build needs, and `more`; returns the folder. */
export async function copyCheckout(...more: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "serentak-source-"));
  for (const name of [...SOURCES, ...more])
    await cp(join(REPOSITORY, name), join(folder, name), { recursive: true });
  await symlink(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Removes a copy. */
export function removeCheckout(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
