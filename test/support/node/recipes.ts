// The recipes of CONTRIBUTING.md, as code that can be applied to a copy of the tree.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
/** Files that are needed to build, check and serve. */
const COPIED = [
  "src",
  "scripts",
  "package.json",
  "tsconfig.json",
  "wrangler.toml",
  ".oxlintrc.json",
  ".oxfmtrc.json",
];

/** A code block. One without a path shows how something is used. */
export interface Block {
  readonly language: string;
  readonly path: string | undefined;
  readonly text: string;
}

/** The code blocks under a heading of CONTRIBUTING.md. */
export async function blocksUnder(heading: string): Promise<Block[]> {
  const markdown = await readFile(join(REPOSITORY, "CONTRIBUTING.md"), "utf8");
  const [, section = ""] = markdown.split(`\n### ${heading}\n`);
  const [own = ""] = section.split("\n### ");
  const blocks = own.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm);
  return Array.from(blocks, ([, language = "", path, text = ""]) => ({ language, path, text }));
}

/** The files and folders that the documents name between backticks and that are not there. */
export async function missingPaths(): Promise<string[]> {
  const documents = ["README.md", "CONTRIBUTING.md", "docs/architecture.md"];
  const texts = await Promise.all(
    documents.map((name) => readFile(join(REPOSITORY, name), "utf8")),
  );
  const named = texts.join("").matchAll(/`((?:src|test|scripts|docs|bench)\/[\w./-]*)`/g);
  return Array.from(named, ([, path = ""]) => path).filter(
    (path) => !existsSync(join(REPOSITORY, path)),
  );
}

/** A copy of the tree in a directory for temporary files, whose packages are those of the original. */
export async function copyTree(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "serentak-recipes-"));
  await Promise.all(
    COPIED.map((name) => cp(join(REPOSITORY, name), join(root, name), { recursive: true })),
  );
  await symlink(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  return root;
}

/** Writes the file that a block shows whole, or makes the change that it shows. */
export async function apply({ language, path = "", text }: Block, root: string): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  const made = language === "diff" ? change(await readFile(file, "utf8"), text, path) : text;
  await writeFile(file, made);
}

/** Each part of a change must have exactly one place. */
function change(content: string, diff: string, path: string): string {
  return diff.split(/^@@\n/m).reduce((text, part) => {
    const lines = part.split(/(?<=\n)/);
    const without = (sign: string) =>
      lines.flatMap((line) => (line.startsWith(sign) ? [] : [line.slice(1)])).join("");
    const [before = "", after, ...others] = text.split(without("+"));
    if (after === undefined || others.length > 0) {
      throw new Error(`${path} has not one place for this part of the recipe:\n${part}`);
    }
    return before + without("-") + after;
  }, content);
}

/** Runs one of the packages' commands in a tree. @throws with what it said when it fails */
export async function run(command: string, args: readonly string[], root: string): Promise<void> {
  const bin = join(root, "node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  try {
    await promisify(execFile)(command, args, { cwd: root, env });
  } catch (error) {
    const { stdout = "", stderr = "" } = Object(error);
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
