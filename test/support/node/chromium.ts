// A real Chromium that comes with `npm ci`: packed in @sparticuz/chromium, driven by playwright-core.
import { inflate } from "@sparticuz/chromium";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const PACKED = join(
  dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")),
  "../bin",
);
/** Unpacked once; `npm ci` removes it together with the package that it was made from. */
const UNPACKED = join(PACKED, "../../../.cache/chromium");
const PARTS = ["chromium.br", "al2023.tar.br", "fonts.tar.br"];

let shared: Promise<Browser> | undefined;

/**
 * Chromium for all files that one process runs, each in windows of its own; it ends with the process. On Linux with
 * x64 it is the packed one; elsewhere the Chrome that is installed, and CHROMIUM_PATH names another anywhere.
 */
export function sharedChromium(): Promise<Browser> {
  return (shared ??= launchOptions().then((options) => chromium.launch(options)));
}

async function launchOptions(): Promise<LaunchOptions> {
  const path = process.env["CHROMIUM_PATH"];
  // Root has no sandbox, and CI often is root. What is opened here is our own.
  const args = ["--no-sandbox", "--font-render-hinting=none"];
  if (path !== undefined) return { executablePath: path, args };
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome", args };
  await unpack();
  return {
    executablePath: join(UNPACKED, "chromium"),
    args,
    env: {
      ...process.env,
      // Few servers have the libraries that a browser wants.
      LD_LIBRARY_PATH: join(UNPACKED, "al2023/lib"),
      FONTCONFIG_FILE: join(UNPACKED, "fonts.conf"),
    },
  };
}

/** Whole or not at all: an unpacking that was interrupted leaves nothing under the final name. */
async function unpack(): Promise<void> {
  if (existsSync(UNPACKED)) return;
  await mkdir(dirname(UNPACKED), { recursive: true });
  const staging = await mkdtemp(`${UNPACKED}-`);
  await inflateInto(staging);
  await writeFile(join(staging, "fonts.conf"), FONTS);
  await rename(staging, UNPACKED).catch(async () => {
    // Another process was faster.
    await rm(staging, { recursive: true });
  });
}

/** The package unpacks into the directory for temporary files, and nowhere else. */
async function inflateInto(directory: string): Promise<void> {
  const usual = process.env["TMPDIR"];
  process.env["TMPDIR"] = directory;
  try {
    await Promise.all(PARTS.map((part) => inflate(join(PACKED, part))));
  } finally {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
  }
}

/** The same fonts wherever the tests run, as far as they are there. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(UNPACKED, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(UNPACKED, "font-cache")}</cachedir>
  ${[
    ["system-ui", "Open Sans"],
    ["sans-serif", "Open Sans"],
    ["monospace", "DejaVu Sans Mono"],
  ]
    .map(
      ([generic = "", font = ""]) =>
        `<alias><family>${generic}</family><prefer><family>${font}</family></prefer></alias>`,
    )
    .join("\n  ")}
</fontconfig>
`;
